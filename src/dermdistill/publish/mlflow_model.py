"""A bundle as a model of MLflow (pyfunc), which MLflow and what builds on it can load and serve."""

import base64
import binascii
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from dermdistill.bundle import SPEC_FILE, OpenBundle
from dermdistill.errors import ImageError
from dermdistill.inference.batch.files import Row
from dermdistill.inference.engine import load_bundle
from dermdistill.publish.extra import PublishError

COLUMN = "image"
_CODE = Path(__file__).with_name("mlflow_code.py")


def load_mlflow() -> Any:
    """Import MLflow.

    Raises:
        PublishError: it is not installed.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        import mlflow.pyfunc  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise PublishError(
            f"This needs {error.name}, not installed here: pip install 'dermdistill[tracking]'."
        ) from error
    return mlflow


def write_mlflow(bundle: OpenBundle, folder: Path) -> None:
    """Write an MLflow model that holds the bundle: pictures as base64 in, rows of `dermdistill predict` out.

    Raises:
        PublishError: MLflow is missing, or the folder is occupied.
    """
    mlflow = load_mlflow()
    from mlflow.models import ModelSignature  # noqa: PLC0415 - an extra
    from mlflow.types import ColSpec, Schema  # noqa: PLC0415 - an extra

    check_mlflow_free(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        files = Path(temporary) / "bundle"
        files.mkdir()
        for name, data in {SPEC_FILE: bundle.spec_json, **bundle.contents}.items():
            (files / name).write_bytes(data)
        mlflow.pyfunc.save_model(
            str(Path(temporary) / "model"),
            python_model=str(_CODE),
            artifacts={"bundle": str(files)},
            signature=ModelSignature(inputs=Schema([ColSpec("string", COLUMN)])),
            pip_requirements=["dermdistill"],
        )
        if folder.exists():
            folder.rmdir()
        shutil.move(Path(temporary) / "model", folder)


def check_mlflow_free(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises:
        PublishError: it does.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PublishError(f"{folder} is there already; give a new folder for the MLflow model.")


def make_model(mlflow: Any) -> Any:
    """The pyfunc model: an instance of a class that is made here, for its base class is MLflow's."""

    class BundleModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """Answers pictures with the bundle among its artifacts."""

        def load_context(self, context: Any) -> None:
            """Open the bundle; pictures of anybody are decoded apart."""
            self.engine = load_bundle(context.artifacts["bundle"], apart=True)

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            """Answer a data frame with a column `image`, base64 of each picture's file, row by row."""
            del context, params
            return [self._row(number, text) for number, text in enumerate(model_input[COLUMN], start=1)]

        def _row(self, number: int, text: Any) -> dict[str, Any]:
            name = f"image {number}"
            try:
                data = base64.b64decode(text, validate=True)
                row = Row(name, self.engine.predict_one(data, name=name), None)
            except (binascii.Error, TypeError, ValueError):
                row = Row(name, None, f"{name} is no base64; encode the bytes of the picture's file.")
            except ImageError as error:
                row = Row(name, None, str(error))
            return row.cells(self.engine.spec.codes)

    return BundleModel()
