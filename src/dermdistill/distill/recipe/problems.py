"""What does not fit in a recipe, in words: where it is, what is wrong, and what was probably meant."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from dermdistill.distill.recipe.schema import Recipe
from dermdistill.errors import closest


def said_of(error: ValidationError) -> list[str]:
    """Each problem as a clause without a full stop."""
    items = error.errors()
    # A list whose entries do not fit is called too short, also: that is not said.
    inside = {item["loc"][: depth + 1] for item in items for depth in range(len(item["loc"]) - 1)}
    return [_said(item) for item in items if not (item["type"] == "too_short" and item["loc"] in inside)]


def keys_of(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every dotted key that a table has, with those of the tables in it; a list's entries have number 0."""
    for name, field in section.model_fields.items():
        inner = table_of(field.annotation)
        if inner is None:
            yield prefix + name
        else:
            yield from keys_of(
                inner, f"{prefix}{name}.0." if is_list(field.annotation) else f"{prefix}{name}."
            )


def table_of(annotation: Any) -> type[BaseModel] | None:
    """The table that a key holds, alone, in a list, or as an alternative to nothing; None for a value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := table_of(each))), None)


def is_list(annotation: Any) -> bool:
    """Whether a key holds a list of tables."""
    return getattr(annotation, "__origin__", None) is tuple and table_of(annotation) is not None


def _said(item: Mapping[str, Any]) -> str:
    *parents, last = item["loc"] or ("recipe",)
    where = ".".join(map(str, item["loc"])) or "recipe"
    if item["type"] != "extra_forbidden":
        return f"{where}: {str(item['msg']).removeprefix('Value error, ')}"
    section: type[BaseModel] = Recipe
    for name in parents:
        if isinstance(name, str):
            section = table_of(section.model_fields[name].annotation) or section
    elsewhere = [key for key in keys_of(Recipe) if key.rpartition(".")[2] == last]
    meant = elsewhere[0] if elsewhere else closest(str(last), section.model_fields)
    asked = f"did you mean {meant}? " if meant else ""
    table = ".".join(map(str, parents))
    there = f"[{table}] has" if table else "There are"
    return f"{where} is unknown; {asked}{there} {', '.join(section.model_fields)}"
