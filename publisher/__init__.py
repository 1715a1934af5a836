"""The publisher of linked data: this module holds the version of the software."""

__version__ = "0.2.0"
