"""From a TOML file and overrides to a checked recipe."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dermdistill.distill.recipe.problems import said_of
from dermdistill.distill.recipe.schema import Recipe
from dermdistill.errors import RecipeError


def load_recipe(path: Path, overrides: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe and apply `key=value` overrides; a key is dotted, a value is TOML or else a plain word.

    Lists are reached by number: `phases.0.epochs=3`. A recipe with a `base`, another recipe relative to its
    folder, gives only what differs: tables are merged, lists replaced.

    Raises:
        RecipeError: the file is no TOML, or a key or a value does not fit; all problems are named at once.
    """
    settings = _read_settings(path)
    for override in overrides:
        _apply_override(settings, override)
    return make_recipe(settings, f"The recipe {path}")


def make_recipe(settings: dict[str, Any], who: str = "The recipe") -> Recipe:
    """Check settings, and make a recipe of them.

    Raises:
        RecipeError: a key or a value does not fit; all problems are named at once.
    """
    try:
        return Recipe.model_validate(settings)
    except ValidationError as error:
        raise RecipeError(f"{who} does not fit: {'; '.join(said_of(error))}.") from error


def _read_settings(path: Path, derived: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of a recipe over those of its base; `derived` are the recipes that led here."""
    try:
        settings: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RecipeError(f"The recipe {path} cannot be read ({error.strerror}); check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"The recipe {path} is not valid TOML: {error}.") from error
    if "base" not in settings:
        return settings
    base = path.parent / str(settings.pop("base"))
    if base.resolve() in (earlier := (*derived, path.resolve())):
        raise RecipeError(f"The recipe {path} has {base} as its base, which is derived from it; remove one.")
    return _merged(_read_settings(base, earlier), settings)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {key for key in above if isinstance(above[key], dict) and isinstance(below.get(key), dict)}
    return {**below, **above, **{key: _merged(below[key], above[key]) for key in both}}


def _apply_override(settings: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise RecipeError(f"--set {override!r} is not of the form key=value, such as batches.size=16.")
    *parents, last = key.split(".")
    place: Any = settings
    try:
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
        place[int(last) if isinstance(place, list) else last] = _parse_value(text)
    except IndexError as error:
        raise RecipeError(
            f"--set {override!r} names no place in the recipe: that list has {len(place)} entries, and the "
            "first is number 0."
        ) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise RecipeError(f"--set {override!r} names no place in the recipe; check the key.") from error


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
