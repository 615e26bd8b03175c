"""What every test may use, and what no test may do."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from dermdistill.classes import load_classes
from synthetic import lesion_image

# Before anything imports TensorFlow, Keras or matplotlib, in this process and in those that tests start.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # whatever ~/.keras/keras.json says
os.environ.setdefault("MPLBACKEND", "Agg")
if "PYTEST_XDIST_WORKER" in os.environ:  # two workers, two cores: one thread each
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

# A shell's background job ignores SIGINT, and what it starts inherits that; tests stop servers by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("local", deadline=None)  # the first call of many things compiles or imports
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


SLOW_ASKED_FOR = "--slow"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(SLOW_ASKED_FOR, action="store_true", help="run the tests marked slow, too, as CI does")


def _leaves_slow_out(config: pytest.Config) -> bool:
    return not (config.getoption(SLOW_ASKED_FOR) or config.getoption("-m") or os.environ.get("CI"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not _leaves_slow_out(config):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if _leaves_slow_out(config):
        terminalreporter.write_line(
            "Left out: the slow tests (JAX, large backbones, new processes). "
            "`make test ARGS=--slow` runs them, as CI does."
        )


@pytest.fixture(scope="session")
def ham10000_dir() -> Path:
    """The folder of real HAM10000 images (HAM10000_metadata.csv, images/, masks/), if this machine has it."""
    named = os.environ.get("DERMDISTILL_HAM10000")
    if not named:
        pytest.skip("DERMDISTILL_HAM10000 names no folder of real HAM10000 images")
    folder = Path(named).resolve()
    for needed in ("HAM10000_metadata.csv", "images"):
        if not (folder / needed).exists():
            raise FileNotFoundError(f"DERMDISTILL_HAM10000 is {named}, but {folder / needed} does not exist.")
    return folder


@pytest.fixture(scope="session")
def make_lesion() -> Callable[..., np.ndarray]:
    """`make_lesion(diagnosis, seed, height=, width=, signal=)`: one synthetic picture; see `synthetic`."""
    return lesion_image


@pytest.fixture(scope="session")
def make_predictions() -> Callable[..., Any]:
    """`make_predictions(n, seed=, skill=, images_per_lesion=, splits=)`: a valid predictions frame."""
    from made_predictions import make_predictions

    return make_predictions


@pytest.fixture(scope="session")
def tiny_run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run for the whole session, with its data beside it. Read it; change `own_run`."""
    from tiny_run import make_run

    return make_run(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def own_run(tiny_run_dir: Path, tmp_path: Path) -> Path:
    """A copy of that run's folder, to be changed; its data are the session's."""
    return shutil.copytree(tiny_run_dir, tmp_path / "runs" / "tiny")


@pytest.fixture(scope="session")
def tiny_run(tiny_run_dir: Path) -> Any:
    """That run, its study and its model."""
    from dermdistill.data.study import open_study_of
    from dermdistill.models import load_run_model
    from dermdistill.runs import read_run

    run = read_run(tiny_run_dir)
    return run, open_study_of(run), load_run_model(tiny_run_dir, image_size=run.image_size)


@pytest.fixture(scope="session")
def tiny_bundle(tiny_run: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that run's bundle, exported once for the session; the report lies beside it."""
    from dermdistill.export.export import export_run, write_scores
    from dermdistill.export.settings import Settings

    bundle_dir = tmp_path_factory.mktemp("bundles") / "tiny"
    settings = Settings(name="tiny", version="1.2.3", quantization="float32", resamples=20)
    write_scores(export_run(*tiny_run, bundle_dir, settings, on_progress=lambda *_: None), bundle_dir)
    return bundle_dir


@pytest.fixture(scope="session")
def bundle_of_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained and exported bundle of naevi and melanomas, prepared with the seven classes of HAM10000."""
    from any_classes import train_and_export

    return train_and_export(tmp_path_factory.mktemp("two"), load_classes("ham10000"), ["mel", "nv"], 48)


@pytest.fixture(scope="session")
def bundle_of_eleven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained and exported bundle of the eleven classes of MILK10k."""
    from any_classes import train_and_export

    table = load_classes("milk10k")
    return train_and_export(tmp_path_factory.mktemp("eleven"), table, table.codes)


@pytest.fixture(scope="session")
def student() -> Any:
    """A tiny network whose normalisation does something."""
    import keras

    from dermdistill.models import build_model
    from dermdistill.models.freeze import backbone_of

    keras.utils.set_random_seed(0)
    model = build_model("tiny_cnn", num_classes=7, image_size=64)
    rng = np.random.default_rng(0)
    for layer in backbone_of(model).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            shape = layer.gamma.shape
            layer.set_weights([rng.uniform(0.5, 2, shape), *rng.normal(0, 0.3, (2, *shape)), np.ones(shape)])
    model.get_layer("class_maps").kernel.assign(rng.normal(size=(1, 1, 32, 7)))
    model.get_layer("logits").bias.assign(rng.normal(size=7))
    return model


@pytest.fixture(scope="session")
def pictures() -> np.ndarray:
    """Noise that such a network answers each in its own way."""
    return np.random.default_rng(1).integers(0, 256, (24, 64, 64, 3), np.uint8)


@pytest.fixture
def nobodys_dir() -> Iterator[Path]:
    """A folder, and no privileges meanwhile: to root, permission is never denied."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions are another matter here")
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are open to root alone
        Path(folder).chmod(0o777)
        if root:
            os.seteuid(65534)
        try:
            if not os.access(__file__, os.R_OK, effective_ids=True):
                pytest.skip("nobody but root may read this checkout")
            yield Path(folder)
        finally:
            if root:
                os.seteuid(0)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse connections that leave this machine: a test that downloads is a test that fails elsewhere."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise PermissionError(f"A test tried to reach {address[0]}; tests may only reach this machine.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield
