"""`dermdistill serve`: the clinic page and the API."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from dermdistill.cli.options import BundleDir, Sensitivity


def command(  # noqa: PLR0917 - typer names them, nobody calls it by position
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole network.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8000,
    bundle: BundleDir = None,
    sensitivity: Sensitivity = None,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser, where there is one.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Images answered at once.", show_default="one for each core")
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            help="File of API keys, one a line, one of which the API then asks for.",
            show_default="those in DERMDISTILL_API_KEYS, separated by commas, if any",
        ),
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(
            help="A site, like https://clinic.example, whose scripts may use the API; may be repeated.",
            show_default="none",
        ),
    ] = None,
    host_name: Annotated[
        list[str] | None,
        typer.Option(
            help="A name by which a proxy on this machine asks, like clinic.example; may be repeated.",
            show_default="those in DERMDISTILL_HOSTS, separated by commas; localhost and addresses always",
        ),
    ] = None,
    prefix: Annotated[
        str | None,
        typer.Option(help="Path to serve below, like /derm.", show_default="that in SCRIPT_NAME, if any"),
    ] = None,
) -> None:
    """Serve the clinic page and the API that /api/v1/docs describes. Research use, not a medical device."""
    from dermdistill.cli.terminal import hushed
    from dermdistill.inference import load_bundle
    from dermdistill.web import create_app
    from dermdistill.web.guards.cors import check_origins
    from dermdistill.web.guards.keys import environment_keys, read_key_file
    from dermdistill.web.guards.sites import check_hosts
    from dermdistill.web.prefix import check_prefix
    from dermdistill.web.serving.serve import serve

    # Before the bundle is opened: a wrong option is said at once.
    keys = read_key_file(api_key_file) if api_key_file else environment_keys() or None
    origins, hosts = check_origins(cors_origin or []), check_hosts(host_name)
    prefix = check_prefix(prefix)
    with hushed():
        engine = load_bundle(bundle, threads=threads, apart=True, sensitivity=sensitivity)
    app = create_app(engine=engine, api_keys=keys, cors_origins=origins, hosts=hosts, prefix=prefix)

    def started(address: str) -> None:
        spec = engine.spec
        typer.echo(f"DermDistill ({spec.name} {spec.version}) answers at {address}  Stop it with Ctrl+C.")
        typer.echo(spec.intended_use)
        if open_page:
            _open(address)

    finished = serve(app, host=host, port=port, started=started)
    typer.echo("Stopped.")
    if not finished:  # a thread that cannot be ended would keep the process
        sys.stdout.flush()
        os._exit(0)


def _open(address: str) -> None:
    """Open a graphical browser; without a screen there is none, and a text browser would block the server."""
    import webbrowser

    if sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)
