"""One module per kind of check that is not SHACL."""
