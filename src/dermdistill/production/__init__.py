"""Settings of gunicorn for a server of its own: one process a core, counted together.

    gunicorn -c python:dermdistill.production [--bind 127.0.0.1:8000] [--workers 2]

Processes share no interpreter lock, so two on two cores answer more than two threads of one do
(benchmarks/api_load.py); each takes some 100 MB. DERMDISTILL_BUNDLE and DERMDISTILL_API_KEYS are read as
everywhere. The Prometheus client adds the processes up through files in PROMETHEUS_MULTIPROC_DIR, a new
folder unless you name one; they hold counts and times only.
"""

# It is read before the processes fork, so it must not load the engine, which would not survive that. It must
# not load the Prometheus client either, which looks for its folder only when it is first loaded.
import atexit
import os
import shutil
import tempfile
from typing import Any

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


def on_starting(server: Any) -> None:
    """Make the folder of the counts, unless there is one; it goes with the server that made it."""
    if FOLDER_VARIABLE not in os.environ:
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="dermdistill-numbers-")
        atexit.register(_remove, os.environ[FOLDER_VARIABLE], os.getpid())


def child_exit(server: Any, worker: Any) -> None:
    """Let the places of a process that has gone no longer count."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - not before the folder is known

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def worker_app() -> Any:
    """Build the application of one process, around an engine of one thread."""
    from dermdistill.inference import load_bundle  # noqa: PLC0415 - in the process that uses it
    from dermdistill.web import create_app  # noqa: PLC0415

    return create_app(engine=load_bundle(threads=1, apart=True), slots=SLOTS)


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a process that was parted from it leaves it alone
        shutil.rmtree(folder, ignore_errors=True)
