"""A bundle as a model of MLflow (pyfunc), which MLflow and what builds on it can load and serve."""

import base64
import binascii
import os
import shutil
import tempfile
import warnings
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of MLflow about its own types
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it wants an example, which would be a picture
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
    import pandas as pd  # noqa: PLC0415 - of the extra

    class Answers:
        """What the model does."""

        def load_context(self, context: Any) -> None:
            """Open the bundle; pictures of anybody are decoded apart."""
            self.engine = load_bundle(context.artifacts["bundle"], apart=True)

        def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:
            """Answer a data frame with a column `image`, base64 of each picture's file, row by row."""
            del context, params
            rows = [self._row(number, text) for number, text in enumerate(model_input[COLUMN], start=1)]
            return pd.DataFrame(rows, dtype=object)  # so that nothing to say is None, and null in JSON

        def _row(self, number: int, text: Any) -> dict[str, Any]:
            name = f"image {number}"
            try:
                answer, error = self.engine.predict_one(_decoded(text, name), name=name), None
            except ImageError as refused:
                answer, error = None, str(refused)
            return Row(name, answer, error).cells(self.engine.spec.codes)

    with warnings.catch_warnings():
        # MLflow asks for types that say what the input is; the model's signature says it.
        warnings.simplefilter("ignore", UserWarning)
        return type("BundleModel", (Answers, mlflow.pyfunc.PythonModel), {})()


def _decoded(text: Any, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise ImageError(f"{name} is no base64; encode the bytes of the picture's file.") from error
