"""The HTTP server and its application.

Modules that other packages may import:

- app
- control
- server
"""
