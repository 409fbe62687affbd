"""One endpoint: from a request to the handler's call, and from its result to the answer.

Checked here, before any handler runs: who asks, the right to, that a change comes from our own
pages, and that the input has its declared type. Whatever goes wrong becomes a `Refusal`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec
import structlog
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from frontdesk.errors import FrontdeskError
from frontdesk.people.refusals import forbidden, invalid
from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Right
from frontdesk.people.sign_ins import From
from frontdesk.web.api.answers import Refusal
from frontdesk.web.cookies import sign_in_token
from frontdesk.web.security import is_own_origin
from frontdesk.web.services import Services
from frontdesk.wording import wrong

log = structlog.get_logger("frontdesk.web")

BODY_LIMIT = 16 * 1024
BODY_SECONDS = 10
LARGE_BODY_SECONDS = 60
"""For what needs more than `BODY_LIMIT`: a file over a slow line."""
STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "conflict": 409,
    "changed": 409,
    "behind": 409,
    "gone": 410,
    "too_big": 413,
    "unsupported": 415,
    "invalid": 422,
    "rate_limited": 429,
    "internal": 500,
    "overloaded": 503,
    "retry": 503,
}
NO_STORE = {"Cache-Control": "no-store"}
_TOLD = ("fields", "faults", "more", "by", "at", "draft", "number")
_SAFE = frozenset({"GET", "HEAD"})
_BYTE = re.compile(r"\(byte (\d+)\)")

Input = TypeVar("Input")


class Nothing(Struct, frozen=True):
    """No input."""


@dataclass(frozen=True, slots=True)
class Call(Generic[Input]):
    """What a handler gets. `input` is the body, of a GET the query; `path` what stands in it;
    `query` an endpoint's query beside its body.
    """

    services: Services
    input: Input
    path: dict[str, str]
    source: From
    base_url: str
    secure: bool
    who: RepIdentity | None
    query: Any = None
    if_none_match: str = ""
    gzip: bool = False

    @property
    def me(self) -> RepIdentity:
        """Who asks; an endpoint that isn't `open` always has somebody."""
        if self.who is None:
            raise FrontdeskError("unauthorized", "Sign in first.")
        return self.who


Handler = Callable[[Call[Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One line of the table. `answer` is None for 204; `refuses` are the codes besides the usual
    ones; `open` needs no sign-in; `text` answers plain text, or of another `media` type; `query`
    stands beside a body of at most `limit` bytes.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    handler: Handler
    summary: str
    input: type[Struct] = Nothing
    query: type[Struct] = Nothing
    limit: int = BODY_LIMIT
    answer: type[Struct] | None = None
    status: int = 200
    right: Right | None = None
    open: bool = False
    text: bool = False
    media: str = "text/plain"
    refuses: tuple[str, ...] = ()

    @property
    def has_body(self) -> bool:
        return self.method not in _SAFE and self.input is not Nothing


async def respond(services: Services, endpoint: Endpoint, request: Request) -> Response:
    """Answer a request; never raises, but for a cancelled one."""
    try:
        call = await _call(services, endpoint, request)
        result = await endpoint.handler(call)
    except FrontdeskError as error:
        return refused(error)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except Exception:
        log.exception("request failed", method=request.method, path=endpoint.path)
        return refused(FrontdeskError("internal"))
    return _answer(endpoint, result)


def refused(error: FrontdeskError) -> Response:
    """Return the answer of a refusal."""
    told = {name: error.fields[name] for name in _TOLD if name in error.fields}
    headers = dict(NO_STORE)
    if "retry_after" in error.fields:
        headers["Retry-After"] = str(error.fields["retry_after"])
    elif error.temporary:
        headers["Retry-After"] = "5"
    return Response(
        msgspec.json.encode(Refusal(error.code, error.message, **told)),
        STATUS.get(error.code, 400),
        headers,
        "application/json",
    )


def _answer(endpoint: Endpoint, result: object) -> Response:
    if isinstance(result, Response):
        result.headers.setdefault("Cache-Control", "no-store")
        return result
    if result is None:
        return Response(status_code=204, headers=NO_STORE)
    body = msgspec.json.encode(result)
    return Response(body, endpoint.status, NO_STORE, "application/json")


async def _call(services: Services, endpoint: Endpoint, request: Request) -> Call[Any]:
    headers = request.scope["headers"]
    peer = request.client.host if request.client else ""
    scheme = services.proxies.scheme(peer, headers, request.url.scheme)
    secure = services.is_secure(scheme)
    bearer = _bearer(request)
    if endpoint.method not in _SAFE and not bearer:
        _check_origin(services, request)
    who = await _identify(services, request, bearer, secure=secure)
    if not endpoint.open:
        _check_right(who, endpoint.right)
    if any("\x00" in value for value in request.path_params.values()):
        raise FrontdeskError("not_found", "There is no such thing.")
    return Call(
        services=services,
        input=await _input(endpoint, request),
        path=dict(request.path_params),
        source=From(services.proxies.client(peer, headers), request.headers.get("user-agent", "")),
        base_url=services.public_url or f"{scheme}://{request.headers.get('host', '')}",
        secure=secure,
        who=who,
        query=_query(endpoint.query, request),
        if_none_match=request.headers.get("if-none-match", ""),
        gzip="gzip" in request.headers.get("accept-encoding", ""),
    )


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _check_origin(services: Services, request: Request) -> None:
    """A page elsewhere can make a browser send a form with our cookie, but not our header."""
    own = is_own_origin(request.headers, public_url=services.public_url)
    if not own or request.headers.get("x-frontdesk") != "1":
        log.warning("foreign request refused", origin=request.headers.get("origin", "")[:200])
        raise FrontdeskError("forbidden", "This request does not come from our own pages.")


async def _identify(
    services: Services, request: Request, bearer: str, *, secure: bool
) -> RepIdentity | None:
    identities = services.people.identities
    if bearer:
        return await identities.by_bearer(bearer)
    token = sign_in_token(request.headers.get("cookie", ""), secure=secure)
    return await identities.by_cookie(token) if token else None


def _check_right(who: RepIdentity | None, right: Right | None) -> None:
    if who is None:
        raise FrontdeskError("unauthorized", "Sign in first.")
    if right is not None and not who.may(right):
        raise forbidden()


async def _input(endpoint: Endpoint, request: Request) -> Any:
    if endpoint.has_body:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise FrontdeskError("unsupported", "Send JSON, with Content-Type: application/json.")
        body = await _body(request, endpoint.limit)
        if len(body) > BODY_LIMIT:  # a thread takes longer than decoding a short one
            return await asyncio.to_thread(_decoded, body, endpoint.input)
        return _decoded(body, endpoint.input)
    return _query(endpoint.input, request)


def _decoded(body: bytes, kind: type[Struct]) -> Any:
    return _typed(lambda: msgspec.json.decode(body, type=kind), kind, "The body")


def _query(kind: type[Struct], request: Request) -> Any:
    query = dict(request.query_params) if kind is not Nothing else {}
    return _typed(lambda: msgspec.convert(query, kind, strict=False), kind, "The query")


async def _body(request: Request, limit: int) -> bytes:
    """Return the body; refuse a long one before it is all here, and a slow one."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS if limit <= BODY_LIMIT else LARGE_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise FrontdeskError("too_big", f"The body is over {limit:,} bytes.")
                parts.append(part)
    except TimeoutError:
        raise FrontdeskError("bad_request", "The body took too long to arrive.") from None
    return b"".join(parts)


def _typed(decode: Callable[[], Any], of: type[Struct], whole: str) -> Any:
    """Return what is decoded; no text in it may have a NUL, which PostgreSQL can't store."""
    try:
        found = decode()
        if b"\\u0000" in msgspec.json.encode(found):
            raise FrontdeskError("bad_request", "Take the NUL character out of the text.")
    except msgspec.ValidationError as error:
        said = wrong(error, of, whole)
        if not said.field:
            raise FrontdeskError("bad_request", said.sentence) from None
        raise invalid(**{said.field: said.sentence}) from None
    except RecursionError:
        raise FrontdeskError("bad_request", f"{whole} is nested too deep.") from None
    except ValueError as error:  # msgspec's own, and invalid UTF-8
        raise FrontdeskError("bad_request", _unreadable(error)) from None
    return found


def _unreadable(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "The body is not UTF-8."
    at = _BYTE.search(str(error))
    where = f", near byte {at[1]}" if at else ", it ends too early"
    return f"The body is not valid JSON{where}."
