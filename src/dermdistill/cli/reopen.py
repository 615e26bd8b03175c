"""`dermdistill reopen`: a bundle to a run, to go on from."""

from pathlib import Path
from typing import Annotated

import typer

from dermdistill.cli.options import BundleDir, Plugin
from dermdistill.plugins import load_plugins


def command(
    *,
    data: Annotated[
        list[Path],
        typer.Option(
            help="Folder made by `dermdistill data prepare`; once for each source.",
            exists=True,
            file_okay=False,
        ),
    ],
    splits: Annotated[
        Path, typer.Option(help="Split of that data, a CSV file.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="The run folder to write.")],
    bundle: BundleDir = None,
    plugins: Plugin = None,
) -> None:
    """Make a run of a bundle, to train on from (--init), to teach, evaluate, explain or export it.

    Its weights are those of the bundle's file, with the rounding of that file. The file has no statistics of
    batch normalisation, so they are measured again on training images.
    """
    from rich.console import Console

    from dermdistill.bundle import default_bundle_path, open_bundle
    from dermdistill.cli.terminal import silence_litert, warn
    from dermdistill.data.study import open_study
    from dermdistill.export.export import calibration_images
    from dermdistill.reopen.network import agreement, reopen
    from dermdistill.reopen.run import check_is_free, write_reopened_run

    load_plugins(plugins)
    silence_litert()
    console = Console()
    check_is_free(out)
    folder = bundle or default_bundle_path()
    opened = open_bundle(folder)
    spec, model_bytes = opened.spec, opened.contents[opened.spec.model_file]
    study = open_study(data, splits)
    if study.image_size > spec.input.size:  # smaller ones are refused below: pixels cannot be invented
        study = study.at(spec.input.size)
    images = calibration_images(study)
    model = reopen(spec, model_bytes, images)
    share = agreement(model, model_bytes, images, quarter_turns=spec.input.quarter_turns)
    write_reopened_run(out, model, spec, study, data_dirs=data, splits_path=splits)
    console.print(
        f"{out}: {spec.name} {spec.version} again; it answers as the bundle's file on {share:.1%} of "
        f"{len(images)} training images.",
        highlight=False,
        soft_wrap=True,
    )
    if spec.training.splits_sha256 != study.fingerprints["splits"]:
        warn(
            f"{spec.name} was trained on another split than {splits}. If they share lesions, its figures on "
            "val and test of this one are too good",
            console,
        )
