"""The OpenAPI 3.1 description, made from the routes, their return types, docstrings and models."""

import inspect
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, Literal

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from dermdistill.classes import RESEARCH_USE
from dermdistill.web.addresses import is_protocol
from dermdistill.web.description.operations import JSON, OPERATIONS, Operation
from dermdistill.web.guards.problems import PROBLEM_MEDIA, Problem, ProtocolError

Json = dict[str, Any]
Mode = Literal["serialization", "validation"]
_SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


@dataclass(frozen=True)
class Route:
    """An address, how it is asked, and what is known of its view."""

    rule: Rule
    method: str
    operation: Operation
    docstring: str

    @property
    def path(self) -> str:
        """The address with its parameters as OpenAPI writes them."""
        return self.rule.rule.replace("<", "{").replace(">", "}")

    @property
    def error(self) -> type[BaseModel]:
        """The model of its errors."""
        return ProtocolError if is_protocol(self.path) else Problem


def routes(app: Flask) -> list[Route]:
    """Return the described routes of an application, by address."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if view in OPERATIONS:
            method = "post" if "POST" in (rule.methods or ()) else "get"
            found.append(Route(rule, method, OPERATIONS[view], inspect.getdoc(view) or ""))
    return sorted(found, key=lambda route: route.path)


def describe(app: Flask, *, asks_for_key: bool) -> Json:
    """Return the OpenAPI description of an application's routes.

    Args:
        app: the application, with all its routes.
        asks_for_key: whether this server has API keys; if so, their two headers are described.
    """
    known = routes(app)
    references, schemas = _schemas(known)
    paths: dict[str, Json] = {}
    for route in known:
        paths.setdefault(route.path, {})[route.method] = _operation(
            route, references, asks_for_key=asks_for_key
        )
    components: Json = {"schemas": schemas}
    if asks_for_key:
        components["securitySchemes"] = _SCHEMES
    return {
        "openapi": "3.1.0",
        "info": {"title": "DermDistill", "version": version("dermdistill"), "description": RESEARCH_USE},
        "paths": paths,
        "components": components,
    }


def _schemas(known: list[Route]) -> tuple[dict[type[BaseModel], Json], Json]:
    models: dict[type[BaseModel], Mode] = {}
    for route in known:
        models[route.error] = "serialization"
        if route.operation.answer:
            models[route.operation.answer] = "serialization"
        if route.operation.body:
            models[route.operation.body] = "validation"
    references, schema = models_json_schema(list(models.items()), ref_template="#/components/schemas/{model}")
    return {model: references[model, mode] for model, mode in models.items()}, schema["$defs"]


def _operation(route: Route, references: dict[type[BaseModel], Json], *, asks_for_key: bool) -> Json:
    operation = route.operation
    summary, _, description = route.docstring.partition("\n\n")
    plain = {"type": "object" if operation.media == JSON else "string"}
    answer = references[operation.answer] if operation.answer else plain
    responses: Json = {"200": {"description": "The answer.", "content": _content(operation.media, answer)}}
    locked = asks_for_key and operation.needs_key
    errors = (
        {*operation.errors, 500} | ({404} if route.rule.arguments else set()) | ({401} if locked else set())
    )
    media = PROBLEM_MEDIA if route.error is Problem else JSON
    for status in sorted(errors):
        responses[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": _content(media, references[route.error]),
        }
    result: Json = {
        "operationId": route.rule.endpoint + "".join(f"_{name}" for name in sorted(route.rule.arguments)),
        "summary": summary.replace("\n", " ").rstrip("."),
        "description": description,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in sorted(route.rule.arguments)
        ],
        "responses": responses,
    }
    if operation.body:
        content = _content(operation.body_media, references[operation.body])
        result["requestBody"] = {"required": True, "content": content}
    if locked:
        result["security"] = [{name: []} for name in _SCHEMES]
    return result


def _content(media: str, schema: Json) -> Json:
    return {media.partition(";")[0]: {"schema": schema}}
