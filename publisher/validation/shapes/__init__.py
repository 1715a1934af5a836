"""Reading and checking the shapes themselves."""
