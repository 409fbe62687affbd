"""Routing on a database of each kind, with people who change its rules."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from frontdesk.people.rep import RepIdentity
from frontdesk.people.roles import Role
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.storage.engine import Database
from tests.database_fixtures import database, empty_url, postgres, sqlite
from tests.people.conftest import Office, office

__all__ = ["database", "empty_url", "office", "postgres", "sqlite"]


@dataclass
class Desk:
    """Routing, with a clock set by hand; `told` counts the notices to the nodes."""

    room: Routing
    office: Office
    database: Database
    ada: RepIdentity
    ben: RepIdentity
    told: list[int] = field(default_factory=list)


def rule(name: str, **plan: Any) -> dict[str, Any]:
    """A rule for Japan that rings everybody."""
    whole: dict[str, Any] = {
        "id": f"rul_{name.casefold().replace(' ', '_')}",
        "name": name,
        "when": {"all": [{"field": "location.country", "op": "is", "value": "JP"}]},
        "targets": {"everyone": True},
    }
    return {**whole, **plan}


def rules(*some: dict[str, Any], **default: Any) -> dict[str, Any]:
    """A rule document."""
    return {"rules": list(some), "default": {"targets": {"everyone": True}, **default}}


@pytest.fixture
async def desk(database: Database, office: Office) -> Desk:
    told: list[int] = []

    async def tell() -> None:
        told.append(office.now)

    room = Routing.of(
        database, "main", first=RuleSet.default_rule_set(), now=lambda: office.now, told=tell
    )
    people = [await office.hire(name, Role.MANAGER) for name in ("Ada", "Ben")]
    ada, ben = [await office.arrive(rep) for rep in people]
    return Desk(room, office, database, ada, ben, told)
