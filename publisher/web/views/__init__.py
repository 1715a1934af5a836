"""The views: what each address answers, as Flask calls it."""
