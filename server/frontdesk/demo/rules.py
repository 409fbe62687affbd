"""How the demo company routes its visitors: five rules, owners, fields of its own, hours (RT-1)."""

from typing import Any

from frontdesk.config import Settings
from frontdesk.people.rep import Group, Rep, RepIdentity
from frontdesk.people.roles import Role
from frontdesk.people.store.reps import all_groups, all_reps
from frontdesk.routing.room import Routing
from frontdesk.routing.rule import RuleSet
from frontdesk.routing.store.fields import VisitorField
from frontdesk.routing.store.hours import HoursRow
from frontdesk.storage import records
from frontdesk.storage.engine import Database

NOTE = "Customers to their owner, regions to their teams"
LEAST_SECONDS = 5
"""A published rule rings at least so long, whatever the settings say of a desk without rules."""

FIELDS = (
    VisitorField("customer", "Customer", "boolean", (), (), 0),
    VisitorField("buoys", "Buoys afloat", "number", (), (), 0),
    VisitorField(
        "interest", "Interest", "picklist",
        ("Beacon 4", "Probes", "Map and alarms", "Service"), (), 0,
    ),
)  # fmt: skip

OWNERS = """kind,key,rep,name
account,oysterpilots.example,ana,Oyster Pilots
account,skarvoyport.example,dag,Skarvøy Port
account,lagunawater.example,elif,Laguna Authority
account,ellerybay.example,ben,Ellery Bay Pilots
account,threelakes.example,greta,Three Lakes Water
account,minatotide.example,chiyo,Minato Tide Office
account,hanseboje.example,dag,Hanseboje
contact,mira@oysterpilots.example,ana,Mira Lund
contact,teo@lagunawater.example,elif,Teo Marchetti
contact,wren@ellerybay.example,hugo,Wren Halloway
contact,aiko@minatotide.example,farid,Aiko Sugiyama
account,kelpharvest.example,,Kelp Harvest (no owner yet)
"""
"""As CSV, with the reps by their first names."""

HOURS = {"farid": "Asia/Tokyo", "greta": "America/New_York"}
"""Who works by the clock, and where it hangs: Monday to Friday."""
_SHIFT = {"farid": ("09:00", "18:00"), "greta": ("08:00", "17:00")}

APAC_COUNTRIES = ["JP", "KR", "NZ", "SG"]
GERMAN_COUNTRIES = ["AT", "CH", "DE"]
ENTERPRISE = 500


async def put_routing(database: Database, settings: Settings) -> bool:
    """Sets it all up on a desk that has had neither rules nor visitors; whether it did."""
    first = RuleSet.default_rule_set(settings.ring_seconds, settings.wait_seconds)
    room = Routing.of(database, settings.desk, first=first)
    async with database.read() as connection:
        seen = await records.listed(connection, records.Wanted(settings.desk), limit=1)
        reps = {rep.email.partition("@")[0]: rep for rep in await all_reps(connection)}
        groups = {group.name: group for group in await all_groups(connection)}
    standing = await room.rulebook.standing()
    if seen or standing.live.number or standing.draft.revision or await room.fields.all():
        return False
    ana = _identity(reps["ana"])
    for field in FIELDS:
        await room.fields.add(ana, field)
    for host, zone in HOURS.items():
        week = ((_SHIFT[host],),) * 5 + ((), ())
        await room.hours.set(ana, reps[host].id, HoursRow(zone, week))
    await room.owners.load(ana, _owners(reps), preview=False)
    await room.rulebook.apply(ana, document(reps, groups, settings), NOTE, 0)
    return True


def document(reps: dict[str, Rep], groups: dict[str, Group], settings: Settings) -> dict[str, Any]:
    """The rules, for the reps by first name and the groups by name; how long is the settings'."""
    wait = max(settings.wait_seconds, LEAST_SECONDS)
    ring = min(max(settings.ring_seconds, LEAST_SECONDS), wait)
    times = {"ring_seconds": ring, "wait_seconds": wait}
    rules = [
        {
            "id": "rul_customers",
            "name": "Existing customers",
            "when": _all(_test("field.customer", "is", True)),
            "targets": {"groups": [groups["EMEA"].id, groups["Americas"].id]},
            "owner": {"on": True, "look": ["contact", "account"], "ring": "owner_first"},
            "book": {"targets": True, "owner": True},
        },
        {
            "id": "rul_apac",
            "name": "APAC enterprise",
            "when": _all(
                _test("location.country", "one_of", APAC_COUNTRIES),
                _test("visitor.employees", "greater", ENTERPRISE),
            ),
            "targets": {"groups": [groups["APAC enterprise"].id]},
            "strategy": "rotation",
        },
        {
            "id": "rul_german",
            "name": "German-speaking",
            "when": {
                "any": [
                    _test("visitor.language", "starts_with", "de"),
                    _test("location.country", "one_of", GERMAN_COUNTRIES),
                ]
            },
            "targets": {"reps": [reps["dag"].id, reps["elif"].id]},
        },
        {
            "id": "rul_paid",
            "name": "Paid search",
            "when": _all(_test("utm.medium", "is", "cpc")),
            "targets": {"groups": [groups["Americas"].id]},
            "strategy": "least_busy",
        },
        {
            "id": "rul_careers",
            "name": "Careers page",
            "when": _all(_test("page.path", "starts_with", "/demo/careers")),
            "targets": {"reps": [reps["ana"].id, reps["ben"].id]},
            "missed": "form",
        },
    ]
    return {
        "rules": [{**rule, **times} for rule in rules],
        "default": {"targets": {"everyone": True}, **times},
    }


def _all(*tests: dict[str, Any]) -> dict[str, Any]:
    return {"all": [*tests]}


def _test(field: str, op: str, value: object) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def _owners(reps: dict[str, Rep]) -> str:
    """The table with addresses in place of first names."""
    head, *lines = OWNERS.splitlines()
    rows = [line.split(",") for line in lines]
    for row in rows:
        row[2] = reps[row[2]].email if row[2] else ""
    return "\n".join([head, *(",".join(row) for row in rows)])


def _identity(rep: Rep) -> RepIdentity:
    """Ana, as if she had set it up at the console: she may."""
    return RepIdentity(
        rep.id, rep.email, rep.name, rep.picture, Role(rep.role), rep.groups, rep.capacity, ""
    )
