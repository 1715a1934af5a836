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
- releases
- repository
- revisions
- shortcuts
- skeleton
"""
