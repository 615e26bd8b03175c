"""Data sets that a network has learned from, with licences: by itself, its start and its teachers."""
