"""Validation: SHACL and the other checks over RDF files, and the rules they report.

Modules that other packages may import:

- ahead
- checks.contract
- checks.sparql
- configuration
- context
- engines.selection
- fixes
- inputs
- result_cache
- rules
- runner
- shapes.expectations
- shapes.shape_rules
- suppressions
- validator
"""
