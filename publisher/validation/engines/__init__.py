"""The SHACL engines and their results."""
