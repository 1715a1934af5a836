"""Validation: SHACL and the other checks over RDF files, and the rules they report.

Modules that other packages may import:

- ahead
- checks.contract
- checks.sparql
- clean_files
- configuration
- context
- engines.selection
- fixes
- inputs
- result_cache
- result_key
- rules
- runner
- shapes.expectations
- shapes.shape_rules
- suppressions
- validator
"""
