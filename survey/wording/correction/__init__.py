"""Words for what an edition says differently from the one before."""
