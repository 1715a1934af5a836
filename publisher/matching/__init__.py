"""Matching: what two spellings of a name, a number or an address have in common. Pure, no I/O.

Modules that other packages may import:

- addresses
- numbers
- scores
- spellings
"""
