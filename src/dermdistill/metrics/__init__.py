"""Arrays in, figures out: the only place that computes a score."""
