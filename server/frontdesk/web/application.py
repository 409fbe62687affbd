"""The web application: HTTP interface, pages, health. Sockets don't come here (`socket`)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from frontdesk.clock import NowMs, now_ms
from frontdesk.config import Settings
from frontdesk.errors import FrontdeskError
from frontdesk.people.people import People
from frontdesk.privacy.persons import Persons
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.storage.engine import Database
from frontdesk.web.address import Proxies
from frontdesk.web.api.endpoint import NO_STORE, Endpoint, refused, respond
from frontdesk.web.api.openapi import document
from frontdesk.web.api.routes import ENDPOINTS
from frontdesk.web.pages import static_routes
from frontdesk.web.security import SecurityHeaders
from frontdesk.web.services import LiveSide, Ready, Services

STATIC = Path(__file__).parent.parent / "static"
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_big"}


async def _always_ready() -> list[str]:
    return []


def application(  # noqa: PLR0913 - it is given everything it works with
    *,
    settings: Settings,
    people: People,
    database: Database,
    ready: Ready = _always_ready,
    routing: Routing | None = None,
    side: LiveSide | None = None,
    persons: Persons | None = None,
    routes: Sequence[BaseRoute] = (),
    static: Path = STATIC,
    home: str = "/console/",
    now: NowMs = now_ms,
) -> Starlette:
    """Build the application. `ready` says what is wrong with this node; `routes` are further ones
    (metrics); `routing`, `side` and `persons` are this node's, else they work on the database
    alone; `home` is where `/` leads.
    """
    services = Services(
        people=people,
        database=database,
        proxies=Proxies(settings.trusted_proxies),
        now=now,
        ready=ready,
        public_url=settings.public_url.rstrip("/"),
        desk=settings.desk,
        desk_name=settings.desk_name,
        sign_in_seconds=round(settings.sign_in_hours * 3600),
        routing=routing or _routing(settings, database, now),
        side=side or LiveSide(),
        persons=persons or Persons(database, settings.desk, now=now),
    )
    strict = settings.public_url.startswith("https://")
    return Starlette(
        routes=[
            *(_route(services, endpoint) for endpoint in ENDPOINTS),
            *_own_routes(services, home),
            *routes,
            *static_routes(static),
        ],
        middleware=[Middleware(SecurityHeaders, strict_transport=strict)],
        exception_handlers={HTTPException: _http_error, Exception: _broken},
    )


def _routing(settings: Settings, database: Database, now: NowMs) -> Routing:
    first = RuleSet.default_rule_set(settings.ring_seconds, settings.wait_seconds)
    return Routing.of(database, settings.desk, first=first, now=now)


def _route(services: Services, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        if request.method == "HEAD" and endpoint.open:
            return Response(status_code=204, headers=NO_STORE)  # a look must not use up a link
        return await respond(services, endpoint, request)

    return Route(endpoint.path, answer, methods=[endpoint.method])


def _own_routes(services: Services, home: str) -> list[Route]:
    openapi = msgspec.json.encode(document(ENDPOINTS))

    async def description(_request: Request) -> Response:
        return Response(
            openapi, media_type="application/json", headers={"Cache-Control": "no-cache"}
        )

    async def alive(_request: Request) -> Response:
        return Response("ok\n", media_type="text/plain", headers=NO_STORE)

    async def ready(_request: Request) -> Response:
        problems = await services.ready()
        body = msgspec.json.encode({"ready": not problems, "problems": problems})
        return Response(body, 503 if problems else 200, NO_STORE, "application/json")

    async def at_home(_request: Request) -> Response:
        return RedirectResponse(home, 307)

    return [
        Route("/v1/openapi.json", description),
        Route("/healthz", alive),
        Route("/readyz", ready),
        Route("/", at_home),
    ]


async def _http_error(request: Request, error: Exception) -> Response:
    """What Starlette refuses by itself (no such path or method), in our shape."""
    if not isinstance(error, HTTPException):  # Starlette hands over what is registered, no more
        raise error
    code = _CODES.get(error.status_code, "bad_request")
    headers = error.headers or {}
    response = refused(FrontdeskError(code, _words(code, request.method, headers, error.detail)))
    response.status_code = error.status_code
    response.headers.update(headers)
    return response


def _words(code: str, method: str, headers: Mapping[str, str], detail: str) -> str:
    if code == "not_found":
        return "There is nothing here."
    if code == "method_not_allowed":
        return f"{method[:16]} is not possible here, only {headers.get('Allow', 'GET')}."
    return detail


async def _broken(_request: Request, _error: Exception) -> Response:
    """The last resort; the server logs the exception, the client gets no trace of it."""
    return refused(FrontdeskError("internal"))
