"""A release: the compiled store, and look-ups in it.

Modules that other packages may import:

- catalogue
- columns
- compiler
- index
- lists
- lookup
- near_misses
- neighbors
- resources
- statistics
- store
"""
