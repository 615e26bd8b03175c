"""/metrics: what Prometheus may ask.

The counts are of one process, or of all together where PROMETHEUS_MULTIPROC_DIR names the folder in which the
processes keep their counts (`dermdistill.production`).
"""

import os

from flask import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from dermdistill.web.addresses import METRICS
from dermdistill.web.clinic import clinic
from dermdistill.web.description.operations import operation

blueprint = Blueprint("metrics", __name__)


@blueprint.get(METRICS)
@operation(media=CONTENT_TYPE_LATEST)
def numbers() -> str:
    """Give the numbers that Prometheus collects."""
    registry = clinic().metrics.registry
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry).decode()
