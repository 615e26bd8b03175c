"""Rare classes: the head of a frozen network, taught again on embeddings that are balanced."""
