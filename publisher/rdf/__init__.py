"""RDF syntax and terms: parsing, source positions, canonical Turtle, namespaces, labels, vocabularies.

Modules that other packages may import:

- blank_nodes
- canonical_quads
- datatypes
- graph_stream
- html_blocks
- jsonld_contexts
- jsonld_drops
- labels
- lines
- namespaces
- packed_contexts
- parser
- pieces
- relative_iris
- serializer
- source_map
- subject_index
- terms
- turtle
- turtle_tokens
- vocabularies
"""
