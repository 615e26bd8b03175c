"""`dermdistill data croissant`: a prepared source in words that other tools read."""

from pathlib import Path
from typing import Annotated

import typer


def croissant(
    data: Annotated[
        list[Path],
        typer.Argument(help="Folder made by `dermdistill data prepare`.", exists=True, file_okay=False),
    ],
    *,
    citation: Annotated[
        str, typer.Option(help="What to cite, with the year in brackets, where `data prepare` was not told.")
    ] = "",
) -> None:
    """Write croissant.json, which describes a prepared source to other tools, into its folder."""
    from dermdistill.publish.croissant import write_croissant

    for directory in data:
        typer.echo(write_croissant(directory, citation))
