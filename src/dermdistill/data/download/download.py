"""Data sets that can be downloaded from their publishers, whole and checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dermdistill.data.download import dataverse, isic, mendeley
from dermdistill.data.download.fetch import RemoteFile, fetch, is_whole

OnFile = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Choice:
    """One data set: how its publisher lists it, where, its files, and its licence in a sentence."""

    list_files: Callable[[str, Sequence[str]], list[RemoteFile]]
    base_url: str
    files: Sequence[str]
    licence: str


_DATAVERSE = "https://dataverse.harvard.edu"
_HAM10000 = (
    "HAM10000 is CC BY-NC 4.0: not for commercial use; cite Tschandl et al., doi:10.1038/sdata.2018.161."
)
CHOICES: Mapping[str, Choice] = {
    "ham10000": Choice(
        dataverse.list_files,
        _DATAVERSE,
        ("HAM10000_metadata", "HAM10000_images_part_1", "HAM10000_images_part_2"),
        _HAM10000,
    ),
    "isic2018-test": Choice(
        dataverse.list_files,
        _DATAVERSE,
        ("ISIC2018_Task3_Test_GroundTruth", "ISIC2018_Task3_Test_Images"),
        _HAM10000,
    ),
    "milk10k": Choice(
        isic.list_files,
        "https://isic-archive.s3.amazonaws.com",
        tuple(
            f"challenges/milk10k/MILK10k_Training_{name}"
            for name in ("GroundTruth.csv", "Metadata.csv", "Input.zip")
        ),
        "MILK10k is CC BY-NC 4.0: not for commercial use; cite the MILK study team, MILK10k (2025), "
        "https://challenge.isic-archive.com/landing/milk10k.",
    ),
    "pad-ufes-20": Choice(
        mendeley.list_files,
        "https://data.mendeley.com",
        (r"metadata\.csv", r"imgs_part_\d+\.zip"),
        "PAD-UFES-20 is CC BY 4.0; cite Pacheco et al., Data in Brief 32, 106221 (2020), "
        "doi:10.17632/zr7vgbcyr2.1.",
    ),
}


def download(
    out: Path, choice: str, *, base_url: str | None = None, on_file: OnFile, pause: float = 1.0
) -> list[Path]:
    """Fetch the files of a choice into `out`; what is there and whole stays, what was begun is continued.

    Args:
        out: the folder, made if it is not there.
        choice: a key of `CHOICES`.
        base_url: another server than the publisher's.
        on_file: called with (file name, bytes here, bytes in all).
        pause: seconds before a failed request is made again; it doubles each time.

    Returns:
        The files' paths.

    Raises:
        DataError: the publisher cannot be reached or does not list a file; see `fetch`.
    """
    chosen = CHOICES[choice]
    files = chosen.list_files((base_url or chosen.base_url).rstrip("/"), chosen.files)
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = out / file.name
        if not (path.is_file() and is_whole(path, file)):

            def on_bytes(here: int, total: int, file: RemoteFile = file) -> None:
                on_file(file.name, here, total or file.size)

            fetch(file, path, on_bytes=on_bytes, pause=pause)
        on_file(file.name, path.stat().st_size, path.stat().st_size)
    return [out / file.name for file in files]
