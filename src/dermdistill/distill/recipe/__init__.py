"""A recipe: one experiment as a TOML file, checked before it starts. docs/recipes.md lists every key."""

from dermdistill.distill.recipe.load import load_recipe, make_recipe
from dermdistill.distill.recipe.schema import (
    DataSection,
    DistillSection,
    ModelSection,
    OptimizerSection,
    Phase,
    Recipe,
    SourceSection,
)

__all__ = [
    "DataSection",
    "DistillSection",
    "ModelSection",
    "OptimizerSection",
    "Phase",
    "Recipe",
    "SourceSection",
    "load_recipe",
    "make_recipe",
]
