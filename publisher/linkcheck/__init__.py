"""Link checking: asks the addresses that the data cites whether they still answer.

Modules that other packages may import:

- addresses
- checker
- results
"""
