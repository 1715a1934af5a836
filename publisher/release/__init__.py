"""A release: the compiled store and what is looked up in it.

Modules that other packages may import:

- catalogue
- lookup
- near_misses
- resources
- statistics
- store
"""
