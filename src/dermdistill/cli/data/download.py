"""`dermdistill data download`: which data sets it can fetch."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class What(StrEnum):
    """What `download` can fetch."""

    HAM10000 = "ham10000"
    ISIC2018_TEST = "isic2018-test"
    MILK10K = "milk10k"
    PAD_UFES_20 = "pad-ufes-20"


def download(
    *,
    out: Annotated[Path, typer.Option(help="Folder to download to.", file_okay=False)],
    what: Annotated[What, typer.Option(help="Which data set.")] = What.HAM10000,
    base_url: Annotated[str | None, typer.Option(help="Another server than the publisher's.")] = None,
) -> None:
    """Download a data set from its publisher; started again, it goes on where it was.

    HAM10000 and the ISIC 2018 test set come from Harvard Dataverse, MILK10k from the ISIC archive,
    PAD-UFES-20 from Mendeley Data. Sizes and published checksums are checked.
    """
    from dermdistill.cli.terminal import bars
    from dermdistill.data.download.download import CHOICES
    from dermdistill.data.download.download import download as run

    with bars("MB/s") as advance:

        def on_file(name: str, here: int, total: int) -> None:
            advance(name, here / 1e6, total / 1e6)

        paths = run(out, what.value, base_url=base_url, on_file=on_file)
    for path in paths:
        typer.echo(f"{path} is complete.")
    typer.echo(CHOICES[what.value].licence)
