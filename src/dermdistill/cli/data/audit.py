"""`dermdistill data audit`: what it takes and what it shows."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.data.tables import show_table

if TYPE_CHECKING:
    from dermdistill.data.audit import Audit

_SHOWN = 20  # rows of what leaks; --out has all


def audit(
    splits: Annotated[
        Path, typer.Argument(help="A csv with image_id and split.", exists=True, dir_okay=False)
    ],
    *,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Prepared data set: its groups are believed, its pixels compared; may be repeated."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the figures as json.", dir_okay=False)] = None,
) -> None:
    """Count the groups and near-duplicate images that a split, made by anybody, has in two splits.

    A group is a patient or a lesion, with all that it is linked to. The exit code is 1 when there is a leak.
    """
    import json
    from dataclasses import asdict

    from dermdistill.data.audit import audit as run
    from dermdistill.data.audit import read_any_split
    from dermdistill.data.joined import load_sources
    from dermdistill.files import write_atomically

    prepared = load_sources(data) if data else None
    result = run(read_any_split(splits, prepared), prepared)
    if out:
        write_atomically(out, (json.dumps(asdict(result), indent=2) + "\n").encode())
    _show_audit(result)
    typer.echo(f"{splits} {'LEAKS' if result.leaking else 'leaks nothing that was looked for'}.")
    if result.leaking:
        raise typer.Exit(1)


def _show_audit(result: "Audit") -> None:
    rows = []
    for code, leak in result.leaks.items():
        blind = result.by_image[code]
        rows.append(
            [
                code,
                f"{leak.leaked_lesions} of {leak.lesions}",
                f"{leak.leaked_images} of {leak.held_out}",
                f"{blind.leaked_lesions} of {blind.lesions}",
                f"{blind.leaked_images} of {blind.held_out} ({blind.leaked_share:.0%})",
            ]
        )
    header = ["class", "leaked lesions", "held-out images", "by image: lesions", "held-out images"]
    show_table(header, rows)
    typer.echo(f"Images per split: {', '.join(f'{part} {n}' for part, n in result.parts.items())}.")
    typer.echo(f"Groups in two splits: {len(result.leaked_groups)} of {result.groups}.")
    _show_first(
        ["group", "lesions", "splits"],
        [
            [group["group"], " ".join(group["lesions"][:5]), " ".join(group["parts"])]
            for group in result.leaked_groups
        ],
    )
    if result.fold_leaked_lesions is not None:
        typer.echo(f"Lesions in two folds: {result.fold_leaked_lesions}.")
    typer.echo(f"Images in two splits: {len(result.repeated_images)}.")
    _show_first(["image"], [[image] for image in result.repeated_images])
    pairs = result.near_duplicates
    typer.echo(
        f"Near-duplicate pairs across splits: {'not compared, give --data' if pairs is None else len(pairs)}."
    )
    _show_first(
        ["images", "", "lesions", "", "sources", "splits", "correlation"],
        [
            [
                *pair["images"],
                *pair["lesions"],
                " ".join(dict.fromkeys(filter(None, pair["sources"]))),
                " ".join(pair["parts"]),
                f"{pair['correlation']:.5f}",
            ]
            for pair in pairs or ()
        ],
    )


def _show_first(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        show_table(header, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        typer.echo(f"... and {len(rows) - _SHOWN} more; --out writes all of them.")
