"""The page of the vocabulary as documentation: classes with their properties, properties, foreign terms, examples."""
