"""A release: the compiled store, and look-ups in it.

Modules that other packages may import:

- catalogue
- compiler
- index
- lookup
- near_misses
- neighbors
- resources
- statistics
- store
"""
