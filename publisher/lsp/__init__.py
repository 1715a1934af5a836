"""The language server: shows the findings of a validation in editors while users type, with quick fixes.

Modules that other packages may import:

- documents
- server
"""
