"""The application factory: one engine, the page, the API, and what guards them."""

from collections.abc import Iterable
from pathlib import Path

from dermdistill.inference import Engine, load_bundle
from dermdistill.web import prometheus
from dermdistill.web.api import routes as api_routes
from dermdistill.web.clinic import ClinicApp
from dermdistill.web.counters import Metrics, count_requests
from dermdistill.web.description import docs, openapi
from dermdistill.web.guards import admission, cors, encodings, keys, problems, security, sites
from dermdistill.web.guards.keys import Keys
from dermdistill.web.guards.slots import Slots
from dermdistill.web.page import bundle_files, pages
from dermdistill.web.page.assets import FOLDER
from dermdistill.web.prefix import below, check_prefix
from dermdistill.web.v2 import routes as v2_routes

MAX_REQUEST_BYTES = 48 * 1024 * 1024
DEADLINE_S = 30.0


def create_app(
    bundle: Path | str | None = None,
    *,
    engine: Engine | None = None,
    slots: int | None = None,
    deadline_s: float = DEADLINE_S,
    max_request_bytes: int = MAX_REQUEST_BYTES,
    api_keys: Iterable[str] | None = None,
    cors_origins: Iterable[str] = (),
    hosts: Iterable[str] | None = None,
    prefix: str | None = None,
) -> ClinicApp:
    """Build the application around one engine.

    Args:
        bundle: a bundle's folder; the shipped one if None.
        engine: use this engine instead of opening a bundle.
        slots: predict requests at once, working or waiting for the engine; one more is answered 503 at once.
            Four for each of the engine's threads if None.
        deadline_s: a request whose images take longer is given up and answered 503.
        max_request_bytes: larger requests are answered 413.
        api_keys: who predicts must send one of these; those in DERMDISTILL_API_KEYS, if any, if None.
        cors_origins: sites, like `https://clinic.example`, whose scripts may use the API.
        hosts: names by which a proxy on this machine asks; those in DERMDISTILL_HOSTS if None.
        prefix: path that everything lies below, like `/derm`; that in SCRIPT_NAME if None.

    Raises:
        BundleError: the bundle cannot be used, so there is nothing to serve.
        KeyFileError: `api_keys` or DERMDISTILL_API_KEYS is given but holds no usable key.
        OriginError: a site is not written as an origin.
        HostError: a host's name is none.
        PrefixError: the prefix is not a path.
    """
    origins = cors.check_origins(cors_origins)
    app = ClinicApp("dermdistill.web", static_folder=str(FOLDER), static_url_path="/assets")
    app.origins, app.prefix = origins, check_prefix(prefix)
    app.wsgi_app = below(app.prefix, app.wsgi_app)  # type: ignore[method-assign,assignment]
    app.keys = Keys(
        keys.environment_keys() if api_keys is None else keys.check_keys(api_keys, source="api_keys")
    )
    app.engine = engine or load_bundle(bundle, apart=True)
    app.slots = Slots(slots or 4 * app.engine.threads)
    app.metrics = Metrics(app.engine.spec, app.slots)
    app.deadline_s = deadline_s
    app.config["MAX_CONTENT_LENGTH"] = max_request_bytes
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(bundle_files.blueprint)
    app.register_blueprint(api_routes.blueprint)
    app.register_blueprint(v2_routes.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(prometheus.blueprint)
    count_requests(app, app.metrics)
    sites.guard_sites(app, sites.check_hosts(hosts), origins)
    keys.guard(app, app.keys)
    encodings.refuse_encodings(app)
    admission.admit(app)
    problems.handle_errors(app)
    cors.allow_origins(app, origins)
    security.add_headers(app)
    app.description = openapi.describe(app, asks_for_key=bool(app.keys))
    return app
