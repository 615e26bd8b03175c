"""Predictions in; reports, comparisons and explanations out."""
