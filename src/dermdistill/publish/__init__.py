"""Bundles and prepared sources as others describe theirs: Hugging Face, CycloneDX, Croissant."""
