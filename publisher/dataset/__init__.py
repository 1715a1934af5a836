"""The published files: finding, reading, formatting and naming what the repository states.

Modules that other packages may import:

- contexts
- files
- formatting
- history
- identifiers
- iris
- query_files
- released_iris
- repository
- revisions
- shortcuts
- skeleton
"""
