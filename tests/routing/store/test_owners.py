"""The table of owners on a real database (RT-7, RT-9)."""

import asyncio

import pytest

from frontdesk.errors import FrontdeskError
from frontdesk.people.accounts import RepChanges
from frontdesk.people.roles import Role
from frontdesk.people.store.audit import newest
from tests.routing.store.conftest import Desk

FILE = """kind,key,rep,name
contact,bo@acme.example,ada@harbor.example,Bo
account,acme.example,ben@harbor.example,Acme
lead,li@other.example,queue@harbor.example,Sales queue
outreach_sender,bo@acme.example,ben@harbor.example,
"""


async def test_a_visitor_s_owners_are_found_by_address_and_domain(desk: Desk) -> None:
    done = await desk.room.owners.load(desk.ada, FILE, preview=False)
    assert (done.added, done.changed, done.same, done.faults) == (4, 0, 0, [])
    own = await desk.room.owners.find({"email": "BO@Acme.example"})
    assert own.contact is not None
    assert (own.contact.rep, own.contact.name) == (desk.ada.id, "Bo")
    assert own.account is not None
    assert own.account.rep == desk.ben.id
    assert own.outreach_sender is not None
    assert own.outreach_sender.name == "bo@acme.example"  # a record without a name has its key
    assert own.lead is None


async def test_a_subdomain_belongs_to_the_account_and_a_known_domain_comes_first(
    desk: Desk,
) -> None:
    await desk.room.owners.load(desk.ada, FILE, preview=False)
    own = await desk.room.owners.find({"email": "x@mail.eu.acme.example"})
    assert own.account is not None
    own = await desk.room.owners.find({"email": "x@free.example", "domain": "acme.example"})
    assert own.account is not None
    assert (await desk.room.owners.find({"email": "x@example"})).account is None


async def test_two_who_import_the_same_owners_at_once_both_succeed(desk: Desk) -> None:
    head, lines = "kind,key,rep,name\n", [f"contact,p{i}@acme.example,,Old" for i in range(1200)]
    old, new = head + "\n".join(lines), head + "\n".join(reversed(lines)).replace("Old", "New")
    load = desk.room.owners.load
    done = await asyncio.gather(*(load(desk.ada, text, preview=False) for text in (old, new)))
    assert [one.faults for one in done] == [[], []]
    found, total = await desk.room.owners.listed("acme", after=None, limit=2000)
    assert (total, len({one.name for one in found})) == (1200, 1)
    again = await load(desk.ben, old.replace("Old", "Newest"), preview=False)
    assert (again.added, again.changed, again.same) == (0, 1200, 0)
    after, _ = await desk.room.owners.listed("acme", after=None, limit=2000)
    assert {one.id for one in after} == {one.id for one in found}
    assert {one.name for one in after} == {"Newest"}


async def test_an_owner_who_is_nobody_here_or_has_left_is_named_without_a_rep(desk: Desk) -> None:
    await desk.room.owners.load(desk.ada, FILE, preview=False)
    own = await desk.room.owners.find({"email": "li@other.example"})
    assert own.lead is not None
    assert (own.lead.rep, own.lead.name) == (None, "Sales queue")
    root = await desk.office.arrive(await desk.office.hire("Root", Role.ADMIN))
    await desk.office.people.accounts.change(root, desk.ada.id, RepChanges(active=False))
    own = await desk.room.owners.find({"email": "bo@acme.example"})
    assert own.contact is not None
    assert own.contact.rep is None


async def test_a_rep_who_comes_later_owns_what_names_their_address(desk: Desk) -> None:
    await desk.room.owners.load(desk.ada, FILE, preview=False)
    queue = await desk.office.hire("Queue")
    own = await desk.room.owners.find({"email": "li@other.example"})
    assert own.lead is not None
    assert own.lead.rep == queue.id


@pytest.mark.parametrize("about", [{}, {"email": ""}, {"email": "\x00@x.example"}, {"email": 7}])
async def test_whoever_says_nothing_usable_has_no_owner(
    desk: Desk, about: dict[str, object]
) -> None:
    own = await desk.room.owners.find(about)
    assert (own.contact, own.lead, own.account) == (None, None, None)


async def test_an_import_says_what_it_adds_changes_and_leaves(desk: Desk) -> None:
    await desk.room.owners.load(desk.ada, FILE, preview=False)
    again = FILE.replace("ada@harbor", "ben@harbor", 1) + "lead,new@x.example,,\n"
    preview = await desk.room.owners.load(desk.ada, again, preview=True)
    assert (preview.added, preview.changed, preview.same) == (1, 1, 3)
    assert (await desk.room.owners.listed("", after=None, limit=10))[1] == 4
    done = await desk.room.owners.load(desk.ada, again, preview=False)
    assert (done.added, done.changed, done.same) == (1, 1, 3)
    own = await desk.room.owners.find({"email": "bo@acme.example"})
    assert own.contact is not None
    assert own.contact.rep == desk.ben.id
    async with desk.database.read() as connection:
        lines = [one for one in await newest(connection) if one.what == "owners.imported"]
    assert {"added": 1, "changed": 1} in [one.details for one in lines]


async def test_a_file_with_a_fault_writes_nothing(desk: Desk) -> None:
    done = await desk.room.owners.load(desk.ada, FILE + "nonsense,x,,\n", preview=False)
    assert [fault.line for fault in done.faults] == [6]
    assert (await desk.room.owners.listed("", after=None, limit=10))[1] == 0


async def test_a_large_file_is_taken_whole(desk: Desk) -> None:
    lines = "".join(f"contact,v{i}@x.example,ada@harbor.example,\n" for i in range(3000))
    done = await desk.room.owners.load(desk.ada, "kind,key,rep,name\n" + lines, preview=False)
    assert done.added == 3000
    found, total = await desk.room.owners.listed("v2999 ada", after=None, limit=10)
    assert (total, found[0].key) == (1, "v2999@x.example")


async def test_one_owner_is_put_in_place_of_the_one_before_and_removed(desk: Desk) -> None:
    cells = {"kind": "account", "key": "Acme.example", "rep_email": "ada@harbor.example"}
    first = await desk.room.owners.put(desk.ada, cells)
    second = await desk.room.owners.put(desk.ada, {**cells, "rep_email": "ben@harbor.example"})
    assert (first.id, first.rep_id, second.rep_id) == (second.id, desk.ada.id, desk.ben.id)
    await desk.room.owners.remove(desk.ada, first.id)
    with pytest.raises(FrontdeskError, match="not_found"):
        await desk.room.owners.remove(desk.ada, first.id)
    with pytest.raises(FrontdeskError, match="bad_request"):
        await desk.room.owners.put(desk.ada, {"kind": "account", "key": "acme"})
