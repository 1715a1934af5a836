"""The HTTP server and its application.

Modules that other packages may import:

- app
- codings
- control
- headers
- in_process
- previews
- routes
- starting
"""
