"""What `dermdistill export` makes of a finished bundle, for software that knows nothing of bundles."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Wanted:
    """What to make of a bundle.

    Attributes:
        mediapipe: a file for MediaPipe and ML Kit, inside the bundle.
        hub: folder of a model repository for Hugging Face; None for none.
        bom: file of a CycloneDX ML-BOM; None for none.
        mlflow: folder of an MLflow model; None for none.
    """

    mediapipe: bool = False
    hub: Path | None = None
    bom: Path | None = None
    mlflow: Path | None = None

    def check(self) -> None:
        """Refuse, before minutes of work, what cannot be made.

        Raises:
            BundleError, PublishError: an extra is missing, or a folder is occupied.
        """
        from dermdistill.export.formats.mediapipe import refuse_without_mediapipe
        from dermdistill.publish.bom import refuse_without_cyclonedx
        from dermdistill.publish.hub import check_free
        from dermdistill.publish.mlflow_model import check_mlflow_free, load_mlflow

        if self.mediapipe:
            refuse_without_mediapipe()
        if self.hub is not None:
            check_free(self.hub)
        if self.bom is not None:
            refuse_without_cyclonedx()
        if self.mlflow is not None:
            load_mlflow()
            check_mlflow_free(self.mlflow)

    def write(self, bundle_dir: Path, out: Path | None, console: "Console") -> None:
        """Write it all; with a file for MediaPipe the bundle is written to `out`, else it stays as it is.

        Raises:
            BundleError: the bundle is damaged, or something cannot be written.
        """
        from dermdistill.bundle import open_bundle
        from dermdistill.export.formats.mediapipe import FILE, add_mediapipe
        from dermdistill.publish.bom import write_bom
        from dermdistill.publish.hub import write_hub
        from dermdistill.publish.mlflow_model import write_mlflow

        if self.mediapipe:
            bundle_dir = add_mediapipe(bundle_dir, out or bundle_dir)
            _tell(console, "For MediaPipe and ML Kit", bundle_dir / FILE)
        if self.hub is not None:
            write_hub(open_bundle(bundle_dir), self.hub)
            _tell(console, "Model repository, not uploaded", self.hub)
        if self.bom is not None:
            write_bom(open_bundle(bundle_dir), self.bom)
            _tell(console, "ML-BOM", self.bom)
        if self.mlflow is not None:
            write_mlflow(open_bundle(bundle_dir), self.mlflow)
            _tell(console, "MLflow model", self.mlflow)


def _tell(console: "Console", what: str, path: Path) -> None:
    console.print(f"{what}: {path}", highlight=False, soft_wrap=True)


# What `export` may be told of a bundle that is finished.
_OF_A_BUNDLE = {"run", "out", "variant", "hub", "bom", "mlflow"}


def is_bundle(run: Path) -> bool:
    """Whether `export` was given a finished bundle instead of a run."""
    from dermdistill.bundle import SPEC_FILE

    return (run / SPEC_FILE).is_file()


def export_finished(
    context: typer.Context, given: Path | None, wanted: Wanted, out: Path | None, console: "Console"
) -> None:
    """Make what is wanted of a finished bundle, the shipped one if none is given.

    Raises:
        BundleError: nothing is wanted of it, or what only the export of a run has.
    """
    from dermdistill.bundle import default_bundle_path
    from dermdistill.errors import BundleError

    bundle_dir = given or default_bundle_path()
    told = {
        name
        for name in context.params
        if getattr(context.get_parameter_source(name), "name", "") != "DEFAULT"
    }
    variants = {variant.value for variant in context.params["variant"] or ()}
    others = sorted({*(told - _OF_A_BUNDLE), *(variants - {"mediapipe"})})
    if others or wanted == Wanted():
        refused = f": {', '.join(others)} cannot be set any more" if others else ""
        raise BundleError(
            f"{bundle_dir} is a finished bundle, not a run{refused}; give --variant mediapipe, --hub, "
            "--bom or --mlflow, or the folder of a trained run."
        )
    if wanted.mediapipe and out is None and given is None:
        raise BundleError("The shipped bundle stays as it is: give --out, the folder of the new one.")
    wanted.check()
    wanted.write(bundle_dir, out, console)
