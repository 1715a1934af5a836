"""The pages that answer questions: the questions, the builder of queries, the SPARQL editor, and results."""
