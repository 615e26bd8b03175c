"""The keys of a generator's recipe, their limits and their defaults; an unknown key is an error."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from dermdistill.distill.recipe.schema import DataSection, Section
from dermdistill.errors import RecipeError


class NetworkSection(Section):
    """Both networks, generator and discriminator."""

    width: int = Field(16, ge=4, description="Channels of the generator's last layer, before the colours.")
    critic_width: int = Field(32, ge=4, description="Channels of the discriminator's first layer.")
    noise: int = Field(96, ge=2, description="Numbers that a picture is made of, beside its class.")


class GeneratorRecipe(Section):
    """A whole training of a generator."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Name of the run, and of its folder in `runs`."
    )
    seed: int = Field(0, ge=0, description="Seed of weights, order of the images, noise and augmentation.")
    data: DataSection
    image_size: int = Field(64, ge=16, le=128, description="Side of the pictures, a power of 2, in pixels.")
    network: NetworkSection = NetworkSection()
    sampling_power: float = Field(
        0.5, ge=0, le=1, description="0 draws classes as often as there are images; 1 draws all alike."
    )
    batch_size: int = Field(32, ge=2, description="Images in a batch.")
    epochs: int = Field(ge=1, description="Number of epochs; it may be raised later.")
    steps: int = Field(250, ge=1, description="Steps in an epoch, after which there is a sheet of samples.")
    learning_rate: float = Field(2e-4, gt=0, description="Of both networks, constant.")
    ema: float = Field(0.995, ge=0, lt=1, description="Decay of the average of the generator's weights.")
    checkpoint_steps: int = Field(50, ge=1, description="Steps between checkpoints.")

    @field_validator("image_size")
    @classmethod
    def _is_a_power_of_two(cls, size: int) -> int:
        if size & (size - 1):
            raise ValueError("give 16, 32, 64 or 128: each layer doubles the side")
        return size


def load_generator_recipe(path: Path, overrides: dict[str, Any] | None = None) -> GeneratorRecipe:
    """Read a generator's recipe, a TOML file.

    Args:
        path: the file.
        overrides: keys at its top level that count instead of the file's; None leaves a key as it is.

    Raises:
        RecipeError: the file cannot be read, or a key or a value does not fit.
    """
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise RecipeError(f"The recipe {path} cannot be read ({error.strerror}); check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"The recipe {path} is not valid TOML: {error}.") from error
    settings |= {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        return GeneratorRecipe.model_validate(settings)
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'recipe'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        )
        raise RecipeError(f"The recipe {path} does not fit a generator: {said}.") from error
