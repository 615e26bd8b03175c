"""Decoding apart from the process that serves: a picture that kills its decoder is one sender's error."""

from dermdistill.imaging.apart.pool import DecoderPool

__all__ = ["DecoderPool"]
