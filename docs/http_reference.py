"""The reference of the HTTP API, as markdown, made from the description that a server gives."""

from collections.abc import Iterator
from typing import Any

from dermdistill.web.app import create_app

Json = dict[str, Any]
LEAD = """# HTTP API

Made from the OpenAPI description of version {version}. A server gives it at `/api/v1/openapi.json` and shows
it at `/api/v1/docs`. {description}

"""


def reference() -> str:
    """The page: every address with its answers, then every model with its fields."""
    described = create_app().description
    parts = [LEAD.format(**described["info"]), "## Addresses\n\n"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            parts.append(_address(f"{method.upper()} {path}", operation))
    parts.append("## Models\n\n")
    for name, schema in sorted(described["components"]["schemas"].items()):
        parts.append(_model(name, schema))
    return "".join(parts)


def _address(title: str, operation: Json) -> str:
    lines = [f"### {title}", operation["summary"] + ".", operation["description"]]
    if body := operation.get("requestBody"):
        for media, content in body["content"].items():
            lines.append(f"Asks with {_kind(content['schema'])}, as `{media}`.")
    rows = ["| status | answer | as |\n|---|---|---|\n"]
    for status, response in operation["responses"].items():
        for media, content in response["content"].items():
            said = "" if status == "200" else f"{response['description']}: "
            rows.append(f"| {status} | {said}{_kind(content['schema'])} | `{media}` |\n")
    return "\n\n".join([*filter(None, lines), "".join(rows)]) + "\n"


def _model(name: str, schema: Json) -> str:
    text = f"### {name}\n\n{_line(schema.get('description', ''), sep=' ')}\n\n"
    if not (fields := schema.get("properties")):
        return text
    rows = "".join(_rows(fields, schema.get("required", [])))
    return f"{text}| field | kind | meaning |\n|---|---|---|\n{rows}\n"


def _rows(fields: Json, required: list[str]) -> Iterator[str]:
    for field, schema in fields.items():
        always = "" if field in required else ", may be missing"
        yield f"| `{field}` | {_kind(schema)}{always} | {_line(schema.get('description', ''))} |\n"


def _kind(schema: Json) -> str:
    """A schema in words, with links to models."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(entry) for entry in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(f"`{value}`" for value in values)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return str(schema.get("format", schema.get("type", "anything")))


def _line(text: str, sep: str = " ") -> str:
    return sep.join(text.split()).replace("|", "\\|")
