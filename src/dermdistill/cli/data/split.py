"""`dermdistill data split`: what it takes and what it shows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.data.tables import show_table

if TYPE_CHECKING:
    import pandas as pd


def split(
    prepared: Annotated[list[Path], typer.Argument(help="Folders written by `data prepare`.")],
    *,
    out: Annotated[Path, typer.Option(help="The csv to write; a .json goes beside it.", dir_okay=False)],
    seed: Annotated[int, typer.Option(help="Which of the possible splits.")] = 20180801,
    val: Annotated[float, typer.Option(help="Share of the images for validation.", min=0, max=1)] = 0.15,
    test: Annotated[float, typer.Option(help="Share of the images for test.", min=0, max=1)] = 0.15,
    folds: Annotated[int, typer.Option(help="Folds of the train split; 0 for none.", min=0)] = 5,
    keep: Annotated[
        Path | None,
        typer.Option(help="An earlier split: its images and their groups stay where they are.", exists=True),
    ] = None,
    test_only: Annotated[
        list[str] | None, typer.Option(help="A source that goes to test as a whole; may be repeated.")
    ] = None,
) -> None:
    """Split prepared data sets into train, val and test, and train into folds; no group is in two splits.

    A group is a patient where the patient is known, else a lesion. Lesions that link to one another are one
    group, also across data sets. Generated pictures go to train.
    """
    from dermdistill.data.joined import load_sources
    from dermdistill.data.lineage.generated import KEY
    from dermdistill.data.prepared import read_report
    from dermdistill.data.splits import make_splits, read_splits, write_splits
    from dermdistill.files import file_sha256

    data = load_sources(prepared)
    made = [str(report["source"]) for each in prepared if (report := read_report(each) or {}).get(KEY)]
    splits = make_splits(
        data.index,
        seed=seed,
        val=val,
        test=test,
        folds=folds,
        keep=read_splits(keep) if keep else None,
        test_only=test_only or (),
        train_only=made,
    )
    settings: dict[str, object] = {"seed": seed, "val": val, "test": test, "folds": folds}
    settings |= {"data_fingerprint": data.fingerprint, "classes": data.classes.to_dict()}
    if keep:
        settings["kept_sha256"] = file_sha256(keep)
    if test_only:
        settings["test_only"] = sorted(test_only)
    summary = write_splits(splits, out, settings)
    by_source = splits.groupby("source") if "source" in splits else [("", splits)]
    for name, part in by_source:
        _show_parts(str(name), part)
    typer.echo(
        f"{out} has {len(splits)} images (lesions in brackets); seed {seed}, sha256 {summary['sha256']}."
    )


def _show_parts(source: str, splits: "pd.DataFrame") -> None:
    from dermdistill.data.splits import SPLITS, count

    images, lesions = count(splits, "image_id"), count(splits, "lesion_id")
    parts = [part for part in SPLITS if part in images]
    codes = sorted({code for part in parts for code in images[part]})
    rows = [
        [code, *(f"{images[part].get(code, 0)} ({lesions[part].get(code, 0)})" for part in parts)]
        for code in codes
    ]
    show_table([source or "class", *parts], rows)
