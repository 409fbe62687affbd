import asyncio

import pytest
from sqlalchemy import select

from frontdesk.errors import FrontdeskError
from frontdesk.people.accounts import RepChanges
from frontdesk.people.roles import Role
from frontdesk.people.sign_ins import From
from frontdesk.people.store import audit
from frontdesk.storage import tables
from frontdesk.storage.engine import Database
from tests.people.conftest import PASSWORD, Office
from tests.people.test_sign_ins import HERE, HOUR_MS, code_of


async def test_one_address_is_one_rep_in_any_case(office: Office) -> None:
    await office.hire("Ana")
    add = office.people.accounts.add
    assert await code_of(lambda: add("ANA@harbor.example", "Other", Role.REP)) == "conflict"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "evil\u202egpj", "a\x1bb"])
async def test_a_name_that_is_empty_long_or_deceiving_is_refused(office: Office, name: str) -> None:
    with pytest.raises(FrontdeskError) as refusal:
        await office.people.accounts.add("a@harbor.example", name, Role.REP)
    assert refusal.value.fields["fields"].keys() == {"name"}


async def test_a_rep_changes_their_name_but_not_their_role(office: Office) -> None:
    ana = await office.hire("Ana")
    who = await office.arrive(ana)
    change = office.people.accounts.change
    assert (await change(who, ana.id, RepChanges(name=" Ana   Lima "))).name == "Ana Lima"
    assert await code_of(lambda: change(who, ana.id, RepChanges(role=Role.ADMIN))) == "forbidden"
    assert await code_of(lambda: change(who, ana.id, RepChanges(capacity=9))) == "forbidden"
    assert await code_of(lambda: change(who, ana.id, RepChanges(active=True))) == "forbidden"


async def test_a_manager_sets_capacity_and_groups_of_others_and_no_more(office: Office) -> None:
    ana = await office.hire("Ana")
    manager = await office.arrive(await office.hire("Mia", Role.MANAGER))
    group = await office.people.groups.add(manager, "Asia")
    change = office.people.accounts.change
    changed = await change(manager, ana.id, RepChanges(capacity=5, groups=(group.id, "gone")))
    assert (changed.capacity, changed.groups) == (5, (group.id,))
    assert await code_of(lambda: change(manager, ana.id, RepChanges(name="X"))) == "forbidden"
    assert office.changed[-1] == changed


async def test_deactivating_a_rep_signs_them_out_everywhere(office: Office) -> None:
    ana = await office.hire("Ana")
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    fresh = await office.people.sign_ins.by_password(ana.email, PASSWORD, HERE)
    await office.people.accounts.change(boss, ana.id, RepChanges(active=False))
    assert await office.people.identities.by_cookie(fresh.token) is None
    assert office.signed_out == [(ana.id, None)]
    by_password = office.people.sign_ins.by_password
    assert await code_of(lambda: by_password(ana.email, PASSWORD, HERE)) == "unauthorized"


async def test_the_last_admin_stays_also_when_two_demote_each_other_at_once(
    office: Office,
) -> None:
    one, two = await office.hire("One", Role.ADMIN), await office.hire("Two", Role.ADMIN)
    first, second = await office.arrive(one), await office.arrive(two)
    change, demoted = office.people.accounts.change, RepChanges(role=Role.REP)
    codes = await asyncio.gather(
        code_of(lambda: change(first, two.id, demoted)),
        code_of(lambda: change(second, one.id, demoted)),
    )
    assert sorted(codes) == ["conflict", "ok"]


async def test_every_change_is_in_the_audit_log_with_what_it_was(
    office: Office, database: Database
) -> None:
    ana = await office.hire("Ana")
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    await office.people.accounts.change(boss, ana.id, RepChanges(role=Role.MANAGER, capacity=3))
    async with database.read() as connection:
        lines = await audit.newest(connection)
    line = next(line for line in lines if line.what == "rep.changed")
    assert (line.who, line.on, line.details) == (boss.id, ana.id, {"role": ["rep", "manager"]})


async def test_a_group_is_renamed_and_its_members_replaced(office: Office) -> None:
    ana, ben = await office.hire("Ana"), await office.hire("Ben")
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    groups = office.people.groups
    group = await groups.add(boss, "Asia", [ana.id])
    office.changed.clear()
    changed = await groups.change(boss, group.id, name="APAC", members=[ben.id, "nobody"])
    assert (changed.name, changed.members) == ("APAC", (ben.id,))
    assert {rep.id: rep.groups for rep in office.changed} == {ana.id: (), ben.id: (group.id,)}
    assert await code_of(lambda: groups.add(boss, "APAC")) == "conflict"
    await groups.remove(boss, group.id)
    assert await groups.all() == []
    assert (await office.people.accounts.one(ben.id)).groups == ()


async def test_an_invited_person_becomes_a_rep_of_the_role_and_groups_they_were_invited_to(
    office: Office,
) -> None:
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    group = await office.people.groups.add(boss, "Asia")
    invitations = office.people.invitations
    _, token = await invitations.create(boss, "Kai@Harbor.example", Role.MANAGER, [group.id])
    fresh = await invitations.accept(token, "Kai", PASSWORD, HERE)
    assert (fresh.rep.email, fresh.rep.role) == ("kai@harbor.example", Role.MANAGER)
    assert fresh.rep.groups == (group.id,)
    assert await office.people.identities.by_cookie(fresh.token) is not None
    accept = invitations.accept
    assert await code_of(lambda: accept(token, "Eve", PASSWORD, HERE)) == "gone"


async def test_of_two_who_accept_at_once_one_becomes_the_rep(office: Office) -> None:
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    invitations = office.people.invitations
    _, token = await invitations.create(boss, "kai@harbor.example", Role.REP)
    codes = await asyncio.gather(
        *(code_of(lambda: invitations.accept(token, "Kai", PASSWORD, HERE)) for _ in range(4))
    )
    assert sorted(codes) == ["gone"] * 3 + ["ok"]


async def test_an_invitation_expires_and_can_be_sent_again_with_another_link(
    office: Office,
) -> None:
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    invitations = office.people.invitations
    made, old = await invitations.create(boss, "kai@harbor.example", Role.REP)
    office.now += 72 * HOUR_MS
    assert await code_of(lambda: invitations.by_token(old)) == "gone"
    renewed, new = await invitations.resend(boss, made.id)
    assert renewed.expires_at == office.now + 72 * HOUR_MS
    assert await code_of(lambda: invitations.by_token(old)) == "not_found"
    assert (await invitations.by_token(new)).email == "kai@harbor.example"


async def test_a_revoked_or_replaced_invitation_is_worthless(office: Office) -> None:
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    invitations = office.people.invitations
    _, first = await invitations.create(boss, "kai@harbor.example", Role.REP)
    second, token = await invitations.create(boss, "kai@harbor.example", Role.REP)
    assert await code_of(lambda: invitations.by_token(first)) == "gone"
    await invitations.revoke(boss, second.id)
    accept = invitations.accept
    assert await code_of(lambda: accept(token, "Kai", PASSWORD, HERE)) == "gone"
    assert await code_of(lambda: invitations.resend(boss, second.id)) == "gone"


async def test_only_admins_invite_and_nobody_who_is_here_already(office: Office) -> None:
    ana = await office.hire("Ana")
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    manager = await office.arrive(await office.hire("Mia", Role.MANAGER))
    create = office.people.invitations.create
    assert await code_of(lambda: create(manager, "k@harbor.example", Role.REP)) == "forbidden"
    assert await code_of(lambda: create(boss, ana.email, Role.REP)) == "conflict"


@pytest.mark.parametrize("password", ["short", "x" * 300, "aaaaaaaaaaaa", "kai@harbor.example"])
async def test_a_bad_new_password_is_refused_by_name_and_the_invitation_stays(
    office: Office, password: str
) -> None:
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    invitations = office.people.invitations
    _, token = await invitations.create(boss, "kai@harbor.example", Role.REP)
    with pytest.raises(FrontdeskError) as refusal:
        await invitations.accept(token, "Kai", password, HERE)
    assert refusal.value.fields["fields"].keys() == {"password"}
    assert (await invitations.by_token(token)).state(office.now) == "open"


async def test_when_a_token_was_used_is_written_down_now_and_then(
    office: Office, database: Database
) -> None:
    ana = await office.hire("Ana")
    fresh = await office.people.sign_ins.by_password(ana.email, PASSWORD, From("192.0.2.1"))
    office.now += 6 * 60 * 1000
    await office.people.identities.by_cookie(fresh.token)
    async with database.read() as connection:
        seen = (await connection.execute(select(tables.sign_in.c.last_seen_at))).scalar_one()
    assert seen == office.now
