"""The probe: asks a linked-data site what real clients ask, and judges its responses.

Modules that other packages may import:

- cases
- prober
- report
"""
