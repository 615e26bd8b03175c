"""The kinds of lesion of a source in the words of a model that was made with another class table."""

from dermdistill.bundle import BundleSpec
from dermdistill.classes import PRESETS, ClassEntry, ClassTable, load_classes


def table_of(spec: BundleSpec) -> ClassTable:
    """A bundle's classes, with the words of the preset that the bundle names."""
    if spec.class_table in PRESETS:
        preset = load_classes(spec.class_table)
        if set(spec.codes) <= set(preset.codes):
            return preset.keep(spec.codes)
    return spec.table


def map_kinds(source: ClassTable, model: ClassTable) -> dict[str, str | None]:
    """What the model calls each class of a source, by the source's code; None for a kind it does not know.

    The same code is the same class. Else its code or its name is looked up among the model's words. Else its
    aliases are, which must all be words of one class. Of "squamous cell carcinoma, or one in situ" a model
    may know only one half.
    """
    return {entry.code: _mapped(entry, model) for entry in source.classes}


def _mapped(entry: ClassEntry, model: ClassTable) -> str | None:
    if entry.code in model.codes:
        return entry.code
    if known := model.lookup(entry.code) or model.lookup(entry.name):
        return known
    meant = {model.lookup(word) for word in entry.aliases}
    return meant.pop() if len(meant) == 1 else None
