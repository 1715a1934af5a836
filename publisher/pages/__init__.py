"""HTML pages.

Modules that other packages may import:

- assets
- site
"""
