"""`dermdistill data`: prepare, download, split, audit, croissant."""

import typer

from dermdistill.cli.data.audit import audit
from dermdistill.cli.data.croissant import croissant
from dermdistill.cli.data.download import download
from dermdistill.cli.data.prepare import prepare
from dermdistill.cli.data.split import split

app = typer.Typer(help="Prepare, download, split, audit and describe data sets.", no_args_is_help=True)
for command in (prepare, download, split, audit, croissant):
    app.command()(command)
