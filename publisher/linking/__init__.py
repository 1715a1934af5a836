"""Linking other people's data to this data set: the reconciliation service, for spreadsheets.

Modules that other packages may import:

- queries
- reconciler
- tables
- types
- values
"""
