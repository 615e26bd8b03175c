"""DermDistill: small, calibrated, explainable skin-lesion classifiers. Research use, not a medical device."""

from importlib.metadata import version

__version__ = version("dermdistill")
