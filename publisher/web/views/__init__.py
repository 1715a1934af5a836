"""The views: the functions that answer each address, called by Flask."""
