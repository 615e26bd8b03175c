"""`dermdistill data download`: which data sets it can fetch."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class What(StrEnum):
    """What `download` can fetch."""

    HAM10000 = "ham10000"
    ISIC2018_TEST = "isic2018-test"


def download(
    *,
    out: Annotated[Path, typer.Option(help="Folder to download to.", file_okay=False)],
    what: Annotated[What, typer.Option(help="HAM10000, or the official test set.")] = What.HAM10000,
    base_url: Annotated[str, typer.Option(help="The Dataverse server.")] = "https://dataverse.harvard.edu",
) -> None:
    """Download HAM10000 from Harvard Dataverse, checked by MD5; started again, it goes on where it was."""
    from dermdistill.cli.terminal import bars
    from dermdistill.data.download import LICENCE
    from dermdistill.data.download import download as run

    with bars("MB/s") as advance:

        def on_file(name: str, here: int, total: int) -> None:
            advance(name, here / 1e6, total / 1e6)

        paths = run(out, what.value, base_url=base_url, on_file=on_file)
    for path in paths:
        typer.echo(f"{path} is complete.")
    typer.echo(LICENCE)
