"""Figures that one can publish: each draws a table and nothing else."""
