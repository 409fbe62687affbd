"""The OpenAPI 3.1 document, made from the table of endpoints."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from frontdesk import __version__
from frontdesk.web.api.answers import Refusal
from frontdesk.web.api.endpoint import STATUS, Endpoint, Nothing
from frontdesk.web.cookies import PLAIN, SECURE

_PARAMETER = re.compile(r"\{(\w+)\}")
_ABOUT = (
    "Sign in by cookie (browsers) or with a bearer token (`frontdesk token`). A request that "
    "changes something and uses the cookie needs the header `X-Frontdesk: 1` and must come from "
    "our own origin. Times are milliseconds since 1970. Every refusal has a `code` for programs "
    "and a `message` for people; `fields` names what is wrong with the input."
)
Document = dict[str, Any]


def document(endpoints: Sequence[Endpoint]) -> Document:
    """Return the whole document, ready to be encoded as JSON."""
    types: list[Any] = [Refusal]
    for endpoint in endpoints:
        used = (endpoint.input, endpoint.query, endpoint.answer)
        types.extend(t for t in used if t not in {None, Nothing})
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    known = dict(zip(types, schemas, strict=True))
    paths: dict[str, Document] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, known, components)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Frontdesk", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SECURITY},
    }


_SECURITY = {
    "cookie": {"type": "apiKey", "in": "cookie", "name": PLAIN, "description": f"Or {SECURE}."},
    "bearer": {"type": "http", "scheme": "bearer"},
}


def _operation(
    endpoint: Endpoint, known: dict[Any, Document], components: dict[str, Document]
) -> Document:
    operation: Document = {
        "summary": endpoint.summary,
        "operationId": endpoint.handler.__name__,
        "security": [] if endpoint.open else [{"cookie": []}, {"bearer": []}],
        "responses": _responses(endpoint, known),
    }
    parameters = _path_parameters(endpoint)
    if endpoint.has_body:
        content = {"application/json": {"schema": known[endpoint.input]}}
        operation["requestBody"] = {"required": True, "content": content}
    elif endpoint.input is not Nothing:
        parameters += _query_parameters(components[endpoint.input.__name__])
    if endpoint.query is not Nothing:
        parameters += _query_parameters(components[endpoint.query.__name__])
    if parameters:
        operation["parameters"] = parameters
    return operation


def _path_parameters(endpoint: Endpoint) -> list[Document]:
    names = _PARAMETER.findall(endpoint.path)
    schema = {"type": "string"}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(schema: Document) -> list[Document]:
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": of}
        for name, of in schema["properties"].items()
    ]


def _responses(endpoint: Endpoint, known: dict[Any, Document]) -> Document:
    refusal = {"application/json": {"schema": known[Refusal]}}
    codes = {*endpoint.refuses, "internal"}
    if not endpoint.open:
        codes |= {"unauthorized"}
    if endpoint.method != "GET":
        codes |= {"forbidden"}
    if endpoint.right:
        codes |= {"forbidden"}
    if endpoint.has_body:
        codes |= {"bad_request", "too_big", "unsupported"}
    responses: Document = {_good(endpoint): _success(endpoint, known)}
    for status in sorted({STATUS[code] for code in codes}):
        named = ", ".join(sorted(code for code in codes if STATUS[code] == status))
        responses[str(status)] = {"description": named, "content": refusal}
    return responses


def _good(endpoint: Endpoint) -> str:
    if endpoint.path.startswith("/sign-in/"):
        return "303"
    return str(endpoint.status if endpoint.answer or endpoint.text else 204)


def _success(endpoint: Endpoint, known: dict[Any, Document]) -> Document:
    if endpoint.text and not endpoint.path.startswith("/sign-in/"):
        kind = "object" if endpoint.media == "application/json" else "string"
        content: Document = {endpoint.media: {"schema": {"type": kind}}}
        return {"description": "Done", "content": content}
    if endpoint.answer is None:
        return {"description": "Done"}
    return {
        "description": "Done",
        "content": {"application/json": {"schema": known[endpoint.answer]}},
    }
