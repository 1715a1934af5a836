"""The command line.

Modules that other packages may import:

- entry
- main
"""
