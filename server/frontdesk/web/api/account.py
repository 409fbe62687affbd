"""Signing in and out, and the account of whoever is signed in."""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from starlette.responses import HTMLResponse, RedirectResponse, Response

from frontdesk.errors import FrontdeskError
from frontdesk.people.accounts import RepChanges
from frontdesk.people.sign_ins import SignedIn
from frontdesk.web.api.answers import Me
from frontdesk.web.api.endpoint import Call, Nothing
from frontdesk.web.cookies import clear_sign_in, set_sign_in


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """Address and password."""

    email: str
    password: str


class MyChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What a rep may change of themselves; what is left out stays."""

    name: str | UnsetType = UNSET
    picture: str | UnsetType = UNSET


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """The password now, and the one to be."""

    current: str
    new: str


async def sign_in(call: Call[SignIn]) -> Response:
    wanted = call.input
    sign_ins = call.services.people.sign_ins
    fresh = await sign_ins.by_password(wanted.email, wanted.password, call.source)
    return with_cookie(call, fresh)


async def sign_out(call: Call[Nothing]) -> Response:
    """Sign out this browser; without a sign-in there is nothing to do, and that is fine."""
    if call.who is not None:
        await call.services.people.sign_ins.out(call.who)
    return _without_cookie(call)


async def sign_out_everywhere(call: Call[Nothing]) -> Response:
    await call.services.people.sign_ins.everywhere(call.me, call.me.id)
    return _without_cookie(call)


async def me(call: Call[Nothing]) -> Me:
    return Me.of(call.me, call.services.desk_name)


async def change_me(call: Call[MyChanges]) -> Me:
    changes = RepChanges(name=call.input.name, picture=call.input.picture)
    changed = await call.services.people.accounts.change(call.me, call.me.id, changes)
    return Me.of(changed, call.services.desk_name)


async def change_password(call: Call[NewPassword]) -> Response:
    """Everyone else who uses this account is signed out; this browser gets a fresh cookie."""
    wanted = call.input
    sign_ins = call.services.people.sign_ins
    fresh = await sign_ins.change_password(call.me, wanted.current, wanted.new, call.source)
    return with_cookie(call, fresh)


async def follow_link(call: Call[Nothing]) -> Response:
    """Sign in by a link and go to the console."""
    try:
        fresh = await call.services.people.sign_ins.by_link(call.path["token"], call.source)
    except FrontdeskError:
        return HTMLResponse(_LINK_IS_VOID, 404)
    response = RedirectResponse("/console/", 303)
    _set(call, response, fresh)
    return response


def with_cookie(call: Call[Any], fresh: SignedIn) -> Response:
    """Answer with who is signed in now, and their cookie."""
    body = msgspec.json.encode(Me.of(fresh.rep, call.services.desk_name))
    response = Response(body, media_type="application/json")
    _set(call, response, fresh)
    return response


def _set(call: Call[Any], response: Response, fresh: SignedIn) -> None:
    seconds = call.services.sign_in_seconds
    set_sign_in(response, fresh.token, seconds=seconds, secure=call.secure)


def _without_cookie(call: Call[Nothing]) -> Response:
    response = Response(status_code=204)
    clear_sign_in(response, secure=call.secure)
    return response


_LINK_IS_VOID = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Link not valid</title>
<h1>This sign-in link is not valid any more</h1>
<p><a href="/console/">Sign in</a> another way, or ask for a new link.</p></html>
"""
