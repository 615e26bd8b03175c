"""Counts and times of one application; nothing of a picture or of who sent it."""

import time
from functools import partial

from flask import Flask, Response, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
)

from dermdistill.bundle import BundleSpec
from dermdistill.web.guards.slots import Slots

# In a request's environment once the guards have let its head pass.
ADMITTED = "dermdistill.admitted"

# Seconds. A 503 takes a few ms, one image some tens, 32 images on a slow core some seconds.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The numbers of one application, in a registry of its own."""

    def __init__(self, spec: BundleSpec, slots: Slots):
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "dermdistill_requests", "Requests answered.", ("route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "dermdistill_request_seconds",
            "Time in the application, without the time in the web server's queue.",
            ("route",),
            buckets=_BUCKETS,
            registry=registry,
        )
        self.images = Counter(
            "dermdistill_images", "Images given to the engine.", ("outcome",), registry=registry
        )
        for outcome in ("answered", "refused"):
            self.images.labels(outcome)
        live_gauge = partial(Gauge, registry=registry, multiprocess_mode="livesum")
        slots.report = live_gauge("dermdistill_slots_busy", "Predict requests being worked on.").set
        slots.report(0)
        live_gauge("dermdistill_slots", "Predict requests at once; one more is 503.").set(slots.count)
        Gauge(
            "dermdistill_bundle_info",
            "The bundle that answers; always 1.",
            ("name", "version", "quantization"),
            registry=registry,
            multiprocess_mode="max",
        ).labels(spec.name, spec.version, spec.quantization).set(1)


def count_requests(app: Flask, metrics: Metrics) -> None:
    """Count and time every request. Unknown addresses share one label, so nobody can make labels up."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        if ADMITTED in request.environ:  # it comes again, with its body
            return response
        route = request.url_rule.rule if request.url_rule else "none"
        metrics.requests.labels(route, str(response.status_code)).inc()
        if "started" in g:
            metrics.seconds.labels(route).observe(time.perf_counter() - g.started)
        return response
