import asyncio
from collections.abc import Callable
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from frontdesk.errors import FrontdeskError
from frontdesk.people.passwords import Passwords
from frontdesk.people.people import People
from frontdesk.people.rep import token_hash
from frontdesk.people.roles import Role
from frontdesk.people.sign_ins import From
from frontdesk.storage import tables
from frontdesk.storage.engine import Database
from tests.people.conftest import PASSWORD, Office

HERE = From("192.0.2.1", "a browser")
HOUR_MS = 60 * 60 * 1000


async def code_of(attempt: Callable[[], object]) -> str:
    """The code with which an attempt is refused, or "ok"."""
    try:
        await attempt()  # type: ignore[misc]  # every caller hands over a coroutine function
    except FrontdeskError as error:
        return error.code
    return "ok"


async def test_a_rep_signs_in_with_an_address_in_any_case_and_is_known_by_the_cookie(
    office: Office,
) -> None:
    ana = await office.hire("Ana")
    fresh = await office.people.sign_ins.by_password("  ANA@Harbor.Example ", PASSWORD, HERE)
    who = await office.people.identities.by_cookie(fresh.token)
    assert who is not None
    assert (who.id, who.role, who.capacity) == (ana.id, Role.REP, 3)


async def test_every_reason_not_to_sign_in_sounds_the_same(office: Office) -> None:
    ana = await office.hire("Ana")
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    ghost = await office.people.accounts.add("ghost@harbor.example", "Ghost", Role.REP)
    said = set()
    for email, password in [
        (ana.email, "wrong password"),
        ("nobody@harbor.example", PASSWORD),
        (ghost.email, ""),
        ("not an address\x00", PASSWORD),
    ]:
        with pytest.raises(FrontdeskError) as refusal:
            await office.people.sign_ins.by_password(email, password, HERE)
        said.add((refusal.value.code, refusal.value.message))
    assert boss.role == Role.ADMIN
    assert said == {("unauthorized", "Email and password do not match.")}


async def test_an_unknown_address_costs_the_same_work_as_a_known_one() -> None:
    class Counting(PasswordHasher):
        checks = 0

        def verify(self, *given: Any, **named: Any) -> Literal[True]:
            Counting.checks += 1
            return super().verify(*given, **named)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    stored = await passwords.hash(PASSWORD)
    assert not await passwords.verify(None, PASSWORD)
    assert not await passwords.verify(stored, "wrong")
    assert not await passwords.verify("not a hash at all", PASSWORD)
    assert await passwords.verify(stored, PASSWORD)
    assert hasher.checks == 4
    passwords.close()


async def test_too_many_wrong_passwords_must_wait_and_the_right_one_too(office: Office) -> None:
    ana = await office.hire("Ana")
    by_password = office.people.sign_ins.by_password
    codes = [await code_of(lambda: by_password(ana.email, "wrong", HERE)) for _ in range(7)]
    assert codes == ["unauthorized"] * 5 + ["rate_limited"] * 2
    assert await code_of(lambda: by_password(ana.email, PASSWORD, HERE)) == "rate_limited"
    office.now += 2_001
    assert await code_of(lambda: by_password(ana.email, PASSWORD, HERE)) == "ok"
    codes = [await code_of(lambda: by_password(ana.email, "wrong", HERE)) for _ in range(5)]
    assert codes == ["unauthorized"] * 5  # a success wiped the slate


async def test_guessers_at_once_get_no_more_tries_than_one_after_the_other(
    office: Office,
) -> None:
    ana = await office.hire("Ana")
    by_password = office.people.sign_ins.by_password
    codes = await asyncio.gather(
        *(code_of(lambda: by_password(ana.email, "wrong", HERE)) for _ in range(20))
    )
    assert codes.count("unauthorized") == 5


async def test_a_guesser_elsewhere_does_not_lock_the_rep_out(office: Office) -> None:
    ana = await office.hire("Ana")
    by_password = office.people.sign_ins.by_password
    for _ in range(10):
        await code_of(lambda: by_password(ana.email, "wrong", From("203.0.113.9")))
    assert await code_of(lambda: by_password(ana.email, PASSWORD, HERE)) == "ok"


async def test_signing_out_ends_this_sign_in_alone_and_at_once(office: Office) -> None:
    ana = await office.hire("Ana")
    one, other = await office.arrive(ana), await office.arrive(ana)
    await office.people.sign_ins.out(one)
    assert office.signed_out == [(ana.id, one.token_hash)]
    kept = office.people.identities._kept
    assert one.token_hash not in kept
    assert other.token_hash in kept


async def test_signing_out_everywhere_ends_browsers_scripts_and_links(office: Office) -> None:
    ana = await office.hire("Ana")
    sign_ins, identities = office.people.sign_ins, office.people.identities
    first = await sign_ins.by_password(ana.email, PASSWORD, HERE)
    bearer = await sign_ins.new_bearer(ana.id, "nightly export")
    await sign_ins.put_link(ana.id, "fdl_link", hours=1, many=True)
    who = await identities.by_cookie(first.token)
    assert who is not None
    assert await identities.by_bearer(bearer) is not None
    office.now += 1
    await sign_ins.everywhere(who, ana.id)
    assert await identities.by_cookie(first.token) is None
    assert await identities.by_bearer(bearer) is None
    assert await code_of(lambda: sign_ins.by_link("fdl_link", HERE)) == "not_found"
    assert office.signed_out == [(ana.id, None)]
    again = await sign_ins.by_password(ana.email, PASSWORD, HERE)
    assert await identities.by_cookie(again.token) is not None


async def test_only_an_admin_signs_another_rep_out(office: Office) -> None:
    ana, ben = await office.hire("Ana"), await office.hire("Ben")
    boss = await office.arrive(await office.hire("Boss", Role.ADMIN))
    who = await office.arrive(ana)
    everywhere = office.people.sign_ins.everywhere
    assert await code_of(lambda: everywhere(who, ben.id)) == "forbidden"
    assert await code_of(lambda: everywhere(boss, ben.id)) == "ok"


async def test_a_sign_in_expires(office: Office) -> None:
    ana = await office.hire("Ana")
    fresh = await office.people.sign_ins.by_password(ana.email, PASSWORD, HERE)
    office.now += 720 * HOUR_MS
    assert await office.people.identities.by_cookie(fresh.token) is None


async def test_a_new_password_voids_the_old_one_and_every_other_browser(office: Office) -> None:
    ana = await office.hire("Ana")
    here, elsewhere = await office.arrive(ana), await office.arrive(ana)
    sign_ins = office.people.sign_ins
    change = sign_ins.change_password
    assert await code_of(lambda: change(here, "wrong", "another passphrase", HERE)) == "bad_request"
    fresh = await change(here, PASSWORD, "another passphrase", HERE)
    assert await office.people.identities.by_cookie(fresh.token) is not None
    assert elsewhere.token_hash not in office.people.identities._kept
    assert await code_of(lambda: sign_ins.by_password(ana.email, PASSWORD, HERE)) == "unauthorized"
    renewed = sign_ins.by_password(ana.email, "another passphrase", HERE)
    assert (await renewed).rep.id == ana.id


async def test_a_one_time_link_signs_in_once_even_when_opened_twice_at_once(
    office: Office,
) -> None:
    ana = await office.hire("Ana")
    await office.people.sign_ins.put_link(ana.id, "fdl_once", hours=1, many=False)
    by_link = office.people.sign_ins.by_link
    codes = await asyncio.gather(*(code_of(lambda: by_link("fdl_once", HERE)) for _ in range(4)))
    assert sorted(codes) == ["not_found"] * 3 + ["ok"]


async def test_a_demo_link_signs_in_as_often_as_it_is_opened(office: Office) -> None:
    ana = await office.hire("Ana")
    await office.people.sign_ins.put_link(ana.id, "fdl_demo", hours=1, many=True)
    for _ in range(3):
        assert (await office.people.sign_ins.by_link("fdl_demo", HERE)).rep == ana
    office.now += HOUR_MS
    by_link = office.people.sign_ins.by_link
    assert await code_of(lambda: by_link("fdl_demo", HERE)) == "not_found"


async def test_no_secret_is_stored_in_the_clear(office: Office, database: Database) -> None:
    ana = await office.hire("Ana")
    fresh = await office.people.sign_ins.by_password(ana.email, PASSWORD, HERE)
    bearer = await office.people.sign_ins.new_bearer(ana.id, "export")
    everything = ""
    async with database.read() as connection:
        for table in tables.metadata.sorted_tables:
            everything += repr((await connection.execute(select(table))).all())
    assert token_hash(fresh.token) in everything
    assert token_hash(bearer) in everything
    for secret in (fresh.token, bearer, PASSWORD):
        assert secret not in everything


async def test_a_hash_of_old_parameters_is_renewed_at_the_next_sign_in(
    office: Office, database: Database
) -> None:
    ana = await office.hire("Ana")
    today = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    people = People.of(database, passwords=today)
    await people.sign_ins.by_password(ana.email, PASSWORD, HERE)
    async with database.read() as connection:
        stored = (await connection.execute(select(tables.rep.c.password_hash))).scalar_one()
    assert stored is not None
    assert not today.outdated(stored)
    people.close()


async def test_an_identity_looked_up_during_a_sign_out_is_not_kept(office: Office) -> None:
    ana = await office.hire("Ana")
    fresh = await office.people.sign_ins.by_password(ana.email, PASSWORD, HERE)
    identities = office.people.identities
    find = identities._find_sign_in
    rounds: list[int] = []

    async def find_while_signing_out(digest: str) -> object:
        found = await find(digest)
        if not rounds and found is not None:
            rounds.append(1)
            await office.people.sign_ins.out(found.identity)
        return found

    identities._find_sign_in = find_while_signing_out  # type: ignore[method-assign,assignment]  # the race
    assert await identities.by_cookie(fresh.token) is None


async def test_what_cannot_be_a_token_is_nobody(office: Office) -> None:
    for token in ("", "x" * 42, "é" * 43, "a" * 43 + "\n", "\ud800" * 43, "a" * 10_000):
        assert await office.people.identities.by_cookie(token) is None
        assert await office.people.identities.by_bearer("fdb_" + token) is None
