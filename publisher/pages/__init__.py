"""HTML pages of one open release, and their style sheets and scripts.

Modules that other packages may import:

- ask.pages
- ask.results
- assets
- cards
- documents
- correct
- site
"""
