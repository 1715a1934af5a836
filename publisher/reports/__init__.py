"""Reports of findings: their formats, fingerprints and baselines.

Modules that other packages may import:

- baseline
- fingerprints
- output_formats
- renderers.json_report
- renderers.markdown
- renderers.text
- report
"""
