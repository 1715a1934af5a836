"""Pages of things: for each kind a model in a reader's order, made of bounded look-ups, and one skeleton for all."""
