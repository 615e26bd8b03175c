"""Tables and folders in; prepared sources, splits and batches out."""
