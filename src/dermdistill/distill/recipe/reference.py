"""docs/recipes.md, written from the schema and the registries: run this module."""

import inspect
import sys
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dermdistill.distill.losses import all_losses
from dermdistill.distill.recipe.problems import is_list, table_of
from dermdistill.distill.recipe.schema import Recipe
from dermdistill.models import get_model_spec, model_names

_HEAD = """# Recipes

A recipe is a TOML file that describes one training. `dermdistill train RECIPE` and `dermdistill distill
RECIPE` run it; `--set KEY=VALUE` overrides a key, such as `--set phases.0.epochs=3`. An unknown key is an
error, and the message names what was probably meant. With `base`, the path of another recipe, a recipe
gives only what differs: tables are merged, lists replaced. This page is written from the code by `make docs`.
"""
_LIMITS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "min_length": "at least {}"}


def reference() -> str:
    """The page, in Markdown."""
    parts = [_HEAD, "## The recipe itself\n", _table_of_keys(Recipe)]
    for heading, section in _tables_in(Recipe):
        parts += [f"## `{heading}`\n", f"{_paragraph(section)}\n", _table_of_keys(section)]
    for kind, losses in all_losses().items():
        parts.append(f"## {kind.capitalize()} losses\n")
        parts.append(_table(("name", "what it is"), ((f"`{n}`", _sentence(f)) for n, f in losses.items())))
    parts.append("## Models\n")
    parts.append(_table(("name", "ImageNet weights", "source"), map(_model_row, model_names())))
    return "\n".join(parts)


def _tables_in(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Each table in a table, with its heading: `[data]`, and in it `[[data.sources]]`."""
    for name, field in section.model_fields.items():
        if (inner := table_of(field.annotation)) is not None:
            place = prefix + name
            yield f"[[{place}]]" if is_list(field.annotation) else f"[{place}]", inner
            yield from _tables_in(inner, f"{place}.")


def _table_of_keys(section: type[BaseModel]) -> str:
    rows = (
        (f"`{name}`", _values(field), _default(field), str(field.description))
        for name, field in section.model_fields.items()
        if table_of(field.annotation) is None
    )
    return _table(("key", "values", "default", "what it does"), rows)


def _values(field: FieldInfo) -> str:
    if choices := list(_choices(field.annotation)):
        return ", ".join(f"`{choice}`" for choice in choices)
    limits = [
        text.format(f"{value:g}")
        for constraint in field.metadata
        for name, text in _LIMITS.items()
        if (value := getattr(constraint, name, None)) is not None
    ]
    return " ".join([_kind(field.annotation), ", ".join(limits)]).strip()


def _choices(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    for part in get_args(annotation):
        yield from _choices(part)


def _kind(annotation: Any) -> str:
    """A word for a type: `int | None` is a whole number, which may be left out."""
    words = {
        "int": "whole number",
        "float": "number",
        "str": "text",
        "Path": "path",
        "bool": "`true`, `false`",
    }
    if get_origin(annotation) is tuple:
        return f"list of {_kind(get_args(annotation)[0])}s"
    inner = [part for part in get_args(annotation) if part is not type(None) and part is not Ellipsis]
    if inner and isinstance(inner[0], type | type(tuple[int, ...])):
        return _kind(inner[0])
    return words[annotation.__name__]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is None or field.default == ():
        return "none"
    shown = str(field.default).lower() if isinstance(field.default, bool) else f"{field.default}"
    return f"`{shown}`"


def _model_row(name: str) -> tuple[str, str, str]:
    spec, _ = get_model_spec(name)
    return f"`{name}`", spec.imagenet or "none", spec.source


def _paragraph(section: type[BaseModel]) -> str:
    return " ".join(inspect.getdoc(section).split())  # type: ignore[union-attr]


def _sentence(loss: Any) -> str:
    return (inspect.getdoc(loss) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
