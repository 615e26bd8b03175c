"""`--set key=a,b,c`: which settings take which values, and what each training is called."""

import re
from collections.abc import Sequence
from itertools import product

from dermdistill.errors import RecipeError

Values = dict[str, tuple[str, ...]]
"""Values of each setting, as text that `--set` of a training takes."""

_COMMA = re.compile(r",(?![^\[{]*[\]}])")


def read_grid(settings: Sequence[str]) -> Values:
    """Read `key=a,b,c`; a comma in brackets or braces divides nothing.

    Raises:
        RecipeError: one is not of that form, a value is missing, or a key is given twice.
    """
    grid: Values = {}
    for setting in settings:
        key, separator, text = setting.partition("=")
        values = tuple(value.strip() for value in _COMMA.split(text))
        if not separator or not key or not all(values) or len(set(values)) < len(values) or key in grid:
            raise RecipeError(
                f"--set {setting!r} is not of the form key=a,b,c with different values and another key each."
            )
        if key in ("seed", "name"):
            raise RecipeError(f"--set {setting!r}: a sweep gives each training its seed and its name itself.")
        grid[key] = values
    return grid


def trials_of(grid: Values, seeds: int) -> list[dict[str, str | int]]:
    """Every combination of values with every seed: all combinations with one seed, then with the next."""
    combinations = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    return [{**values, "seed": seed} for seed in range(seeds) for values in combinations]


def name_of(recipe: str, grid: Values, trial: dict[str, str | int]) -> str:
    """The run's name: the recipe's, what differs, and the seed, which ends it as `compare` expects."""
    differs = [f"{key}_{trial[key]}" for key, values in grid.items() if len(values) > 1]
    plain = "-".join(re.sub(r"[^A-Za-z0-9._]+", "_", each) for each in (recipe, *differs))
    return f"{plain}-seed{trial['seed']}"
