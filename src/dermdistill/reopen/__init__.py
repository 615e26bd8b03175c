"""A bundle in, a run out."""
