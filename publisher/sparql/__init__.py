"""SPARQL: the protocol, and engines that answer untrusted queries within limits.

Modules that other packages may import:

- embedded
- engine
- excerpt
- forwarder
- http_client
- lexer
- protocol
- remote
- translation
- trusted
"""
