"""Settings of gunicorn for a server of its own: one process a core, counted together.

    gunicorn -c python:dermdistill.production [--bind 127.0.0.1:8000] [--workers 2]

Processes share no interpreter lock, so two on two cores answer more than two threads of one do
(benchmarks/api_load.py); each takes some 100 MB. DERMDISTILL_BUNDLE and DERMDISTILL_API_KEYS are read as
everywhere. The Prometheus client adds the processes up through files in PROMETHEUS_MULTIPROC_DIR, a new
folder unless you name one; they hold counts and times only.
"""

# It is read before the processes fork. The engine would not survive that, but the bundle's bytes do. They are
# read and verified here, once: a process that is started later answers as the others do, whatever became of
# the files. The Prometheus client must not be loaded here: it looks for its folder when it is first loaded.
import atexit
import os
import shutil
import tempfile
from typing import Any

from dermdistill.bundle import OpenBundle, default_bundle_path, open_bundle
from dermdistill.errors import BundleError

# Read by the Prometheus client when a process first loads it.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# Places for predictions in each process: one is worked on, the others wait. Twice what one process has for
# each core: whoever happens to get more than its share cannot lend from the others.
SLOTS = 8

wsgi_app = "dermdistill.production:worker_app()"
worker_class = "dermdistill.production.worker.ClinicWorker"
workers = os.cpu_count() or 1
bind = "127.0.0.1:8000"
graceful_timeout = 25  # some seconds more than a process itself takes (dermdistill.web.serving.serve)


_bundle: OpenBundle | None = None


def on_starting(server: Any) -> None:
    """Read and verify the bundle; make the folder of the counts, unless there is one.

    The folder goes with the server that made it. A bundle that cannot be used ends the server.
    """
    try:
        _read_bundle()
    except BundleError as error:
        server.log.critical(str(error))
        raise SystemExit(2) from error
    if FOLDER_VARIABLE not in os.environ:
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="dermdistill-numbers-")
        atexit.register(_remove, os.environ[FOLDER_VARIABLE], os.getpid())


def on_reload(server: Any) -> None:
    """Read the bundle again, for the processes that follow; one that cannot be used changes nothing."""
    try:
        _read_bundle()
    except BundleError as error:
        server.log.warning("%s The server goes on with the bundle that it had.", error)


def child_exit(server: Any, worker: Any) -> None:
    """Let the places of a process that has gone no longer count."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - not before the folder is known

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def worker_app() -> Any:
    """Build the application of one process, around an engine of one thread."""
    from dermdistill.inference import load_bundle  # noqa: PLC0415 - in the process that uses it
    from dermdistill.web import create_app  # noqa: PLC0415

    return create_app(engine=load_bundle(_bundle, threads=1, apart=True), slots=SLOTS)


def _read_bundle() -> None:
    global _bundle  # noqa: PLW0603 - gunicorn takes its settings, and what they keep, from a module
    _bundle = open_bundle(default_bundle_path())


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a process that was parted from it leaves it alone
        shutil.rmtree(folder, ignore_errors=True)
