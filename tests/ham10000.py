"""The class table that most tests use."""

from dermdistill.classes import load_classes

TABLE = load_classes("ham10000")
CLASSES = TABLE.codes
