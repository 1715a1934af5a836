"""Owns the version number of the software."""

__version__ = "0.2.0"
