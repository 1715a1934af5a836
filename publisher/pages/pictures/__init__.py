"""Pictures: charts as deterministic SVG, drawn from plain values; they know nothing of the data set."""
