"""`dermdistill predict --ray`: the same answers from many machines."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from dermdistill.errors import DermDistillError

_SECONDS_BETWEEN_LINES = 30.0
_WORKERS_SHOWN = 12  # while it runs; the lines at the end have all


def predict_on_cluster(
    paths: list[str],
    out: str | None,
    address: str,
    *,
    bundle: Path | None,
    sensitivity: float | None,
    quality: bool,
    overwrite: bool,
    images_per_part: int,
) -> None:
    """Answer, show how it goes, and say at the end what every worker did."""
    from dermdistill.cli.terminal import hushed
    from dermdistill.inference.engine import load_bundle

    if out is None:
        raise DermDistillError("--ray needs --out, a folder for the parts of the table.")
    try:
        from dermdistill.cluster.connection import check_address, load_ray
        from dermdistill.cluster.run import predict_on_ray
    except ModuleNotFoundError as error:  # fsspec comes with Ray
        raise DermDistillError(
            f"--ray needs {error.name}, which is not installed; pip install 'dermdistill[ray]'."
        ) from error
    check_address(address)
    with hushed():
        load_ray(address)
        engine = load_bundle(bundle, threads=1, sensitivity=sensitivity)
    tallies: dict[str, dict[str, float]] = {}
    with _progress(tallies) as tell:
        outcome = predict_on_ray(
            engine,
            paths,
            out,
            address=address,
            sensitivity=sensitivity,
            quality=quality,
            overwrite=overwrite,
            images_per_part=images_per_part,
            tell=tell,
            on_lost=_give_up,
        )
    for name, tally in sorted(tallies.items()):
        typer.echo(f"  {name}: {_said(tally)}", err=True)
    typer.echo(outcome.sentence(out), err=True)
    if outcome.failed:
        raise typer.Exit(1)


def _give_up(sentence: str) -> None:
    """End at once: Ray would end this process itself, with other words."""
    sys.stderr.write(f"error: {sentence}\n")
    sys.stderr.flush()
    os._exit(2)


def _said(tally: Mapping[str, float]) -> str:
    images, parts, failed = (round(tally[name]) for name in ("images", "parts", "failed"))
    rate = images / max(tally["seconds"], 1e-9)
    return f"{images} images in {parts} parts, {rate:.1f} images/s, {failed} failed"


def _images(tallies: Mapping[str, Mapping[str, float]]) -> list[float]:
    return [tally["images"] for tally in tallies.values()]


@contextmanager
def _progress(
    tallies: dict[str, dict[str, float]],
) -> Iterator[Callable[[Mapping[str, Any], int], None]]:
    """Count by worker; show bars to a person who watches, and a line now and then to a log."""
    from dermdistill.cli.terminal import bars

    started = shown = time.monotonic()
    with bars("images/s", rates=False) as advance:

        def tell(line: Mapping[str, Any], parts: int) -> None:
            nonlocal shown
            tally = tallies.setdefault(line["worker"], {"parts": 0, "images": 0, "failed": 0, "seconds": 0.0})
            for name, more in (
                ("parts", 1),
                *((name, line[name]) for name in ("images", "failed", "seconds")),
            ):
                tally[name] += more
            done, images, failed = (
                sum(each[name] for each in tallies.values()) for name in ("parts", "images", "failed")
            )
            # How many a tar file holds is known when it was read; until then it counts as the others did.
            total = round(images / done * parts)
            advance("all", images, total)
            advance("failed", failed, None)
            if list(tallies).index(line["worker"]) < _WORKERS_SHOWN:
                advance(f"  {line['worker']}", tally["images"], None)
            else:
                advance("  other workers", sum(_images(tallies)[_WORKERS_SHOWN:]), None)
            now = time.monotonic()
            if not sys.stderr.isatty() and now - shown > _SECONDS_BETWEEN_LINES:
                shown = now
                rate = images / (now - started)
                typer.echo(
                    f"{images:.0f} of about {total} images, {rate:.1f} images/s, "
                    f"{(total - images) / rate / 60:.1f} minutes left, {failed:.0f} failed, "
                    f"{len(tallies)} workers",
                    err=True,
                )

        yield tell
