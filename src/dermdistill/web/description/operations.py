"""A view and its description are one: what it answers is its return type, what it says is its docstring."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, get_args, get_type_hints

from flask import Response
from pydantic import BaseModel

JSON = "application/json"
P = ParamSpec("P")


@dataclass(frozen=True)
class Operation:
    """What a program must know to use a view.

    Attributes:
        answer: the model of a good answer's JSON; None for text.
        media: content type of a good answer.
        body: the model of the request's body; None where there is none.
        body_media: content type of the body.
        errors: the statuses of errors it may answer, besides those that any view may.
        needs_key: whether it asks for a key on a server that has keys.
    """

    answer: type[BaseModel] | None
    media: str = JSON
    body: type[BaseModel] | None = None
    body_media: str = JSON
    errors: tuple[int, ...] = ()
    needs_key: bool = True


# By view function; filled when the views are defined, never after.
OPERATIONS: dict[Callable[..., Any], Operation] = {}


def operation(
    *,
    media: str = JSON,
    body: type[BaseModel] | None = None,
    body_media: str = JSON,
    errors: tuple[int, ...] = (),
    needs_key: bool = True,
) -> Callable[[Callable[P, BaseModel | str | Response]], Callable[P, Response]]:
    """Describe a view that returns a model, or text of the type `media`; see `Operation`.

    A view that may also return a response of its own is described by its model.
    """

    def describe(view: Callable[P, BaseModel | str | Response]) -> Callable[P, Response]:
        @wraps(view)
        def respond(*args: P.args, **kwargs: P.kwargs) -> Response:
            result = view(*args, **kwargs)
            if isinstance(result, Response):
                return result
            text = result if isinstance(result, str) else result.model_dump_json()
            return Response(text, content_type=media)

        returned = get_type_hints(view)["return"]
        kinds = [kind for kind in get_args(returned) or (returned,) if issubclass(kind, BaseModel)]
        answer = kinds[0] if kinds else None
        OPERATIONS[respond] = Operation(answer, media, body, body_media, errors, needs_key)
        return respond

    return describe
