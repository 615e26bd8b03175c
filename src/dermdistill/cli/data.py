"""`dermdistill data`: prepare, download, split, audit."""

import typer

app = typer.Typer(help="Prepare, download, split and audit data sets.", no_args_is_help=True)


@app.callback()
def _data() -> None:
    pass
