"""The static build: writes what a release's server sends as files, with rules for web servers that choose among them.

Modules that other packages may import:

- folder
- static_site
"""
