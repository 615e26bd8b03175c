"""A small HAM10000 of our own pictures."""

from pathlib import Path

import pytest

from layouts import Picture, encode, write_flat
from synthetic import lesion_image


@pytest.fixture(scope="session")
def pictures() -> list[Picture]:
    """Nine pictures of six lesions, in no order."""
    cases = ["nv 1", "mel 2", "nv 1", "bkl 3", "mel 2", "akiec 4", "nv 5", "bcc 6", "mel 2"]
    found = []
    for number, case in enumerate(cases):
        diagnosis, lesion = case.split()
        jpeg = encode(lesion_image(diagnosis, number, height=45, width=60))
        found.append(Picture(f"ISIC_{90 - number:04d}", f"HAM_{lesion}", diagnosis, jpeg))
    return found


@pytest.fixture
def flat_dir(tmp_path: Path, pictures: list[Picture]) -> Path:
    """The pictures in the flat layout."""
    write_flat(tmp_path / "source", pictures)
    return tmp_path / "source"
