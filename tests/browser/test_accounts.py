"""Signing in and out, invitations, and what each role may do."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.people import Rep
from tests.browser.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "nine tides a week"


async def _signs_in(rep: Rep, email: str, password: str) -> None:
    await rep.page.get_by_role("textbox", name="Email").fill(email)
    await rep.page.get_by_role("textbox", name="Password").fill(password)
    await rep.page.get_by_role("button", name="Sign in").click()


async def test_signing_in_and_out_with_a_password(stage: Stage) -> None:
    stage.desk.has_rep("ines@harborlight.example", "Ines Caldera", PASSWORD)
    ines = await stage.at_console("ines", stage.desk.at("ines") + "/console/")
    await expect(ines.page.get_by_role("heading", name="Sign in to Frontdesk")).to_be_visible()
    await ines.page.get_by_role("button", name="Sign in").click()
    await expect(ines.page.get_by_text("Enter your email address.")).to_be_visible()
    await expect(ines.page.get_by_text("Enter your password.")).to_be_visible()
    await _signs_in(ines, "ines@harborlight.example", "something else")
    await expect(ines.page.get_by_role("alert")).to_have_text("Email or password is wrong.")
    await ines.shot("1-wrong")
    await _signs_in(ines, "ines@harborlight.example", PASSWORD)
    await expect(ines.switch).to_be_visible()
    await ines.opens("account")
    await expect(ines.page.get_by_role("textbox", name="Name")).to_have_value("Ines Caldera")
    await ines.page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(ines.page.get_by_role("heading", name="Sign in to Frontdesk")).to_be_visible()
    await ines.page.reload()
    await expect(ines.page.get_by_role("heading", name="Sign in to Frontdesk")).to_be_visible()


async def test_signing_out_everywhere_closes_the_other_browser_too(stage: Stage) -> None:
    stage.desk.has_rep("jan@harborlight.example", "Jan Overbeek", PASSWORD)
    here = await stage.at_console("here", stage.desk.at("here") + "/console/")
    there = await stage.at_console("there", stage.desk.at("there") + "/console/")
    for one in (here, there):
        await _signs_in(one, "jan@harborlight.example", PASSWORD)
        await expect(one.switch).to_be_enabled()
    await here.opens("account")
    await here.page.get_by_role("button", name="Sign out everywhere").click()
    question = here.page.get_by_role("alertdialog", name="Sign out everywhere?")
    await here.shot("1-asked")
    await question.get_by_role("button", name="Sign out everywhere").click()
    for one in (here, there):
        await expect(one.page.get_by_role("heading", name="Sign in to Frontdesk")).to_be_visible()


async def test_an_admin_invites_somebody_who_joins_and_answers(stage: Stage) -> None:
    ana = await stage.rep("ana", available=False)
    await ana.opens("team")
    await ana.page.get_by_role("button", name="Invite").click()
    dialog = ana.page.get_by_role("dialog", name="Invite people")
    await dialog.get_by_role("textbox", name="Email address").fill("kofi@harborlight.example")
    await dialog.get_by_text("Americas").click()
    await dialog.get_by_role("button", name="Send invitation").click()
    link = dialog.get_by_text(re.compile(r"^http.+invitation"))
    await expect(link).to_be_visible()
    await ana.shot("1-invited")
    address = await link.inner_text()
    kofi = await stage.at_console("kofi", address)
    await expect(kofi.page.get_by_text("Ana Beltrame invited you")).to_be_visible()
    await kofi.page.get_by_role("textbox", name="Your name").fill("Kofi Adomako")
    await kofi.page.get_by_role("textbox", name="Choose a password").fill("short")
    await kofi.page.get_by_role("button", name="Join").click()
    await expect(kofi.page.get_by_text("Use at least 10 characters.")).to_be_visible()
    await kofi.shot("2-joining")
    await kofi.page.get_by_role("textbox", name="Choose a password").fill(PASSWORD)
    await kofi.page.get_by_role("button", name="Join").click()
    await kofi.becomes("available")
    visitor = await stage.visitor()
    await visitor.asks("Hello")
    await kofi.starts()
    await expect(visitor.chat.get_by_role("heading", name="Kofi Adomako")).to_be_visible()
    again = await stage.at_console("late", address)
    await expect(
        again.page.get_by_role("heading", name="This invitation is no longer valid")
    ).to_be_visible()


async def test_a_rep_sees_no_more_than_a_rep_may(stage: Stage) -> None:
    ana, visitor = await stage.rep("ana"), await stage.visitor()
    await visitor.asks("Only for Ana's eyes")
    await ana.starts()
    conversation = (await ana.page.evaluate("location.hash")).rpartition("/")[2]
    await ana.ends()
    dag = await stage.rep("dag", available=False)
    await dag.opens("team")
    await expect(dag.page.get_by_role("table", name="Reps")).to_contain_text("Ana Beltrame")
    for name in ("Invite", "Edit Ana Beltrame"):
        await expect(dag.page.get_by_role("button", name=name)).to_have_count(0)
    await expect(dag.page.get_by_role("link", name="Invitations")).to_have_count(0)
    await dag.shot("1-team")
    await dag.opens("history")
    await expect(dag.page.get_by_role("link", name="Dag Solheimsen").first).to_be_visible()
    await expect(dag.page.get_by_role("link", name="Only for Ana's eyes")).to_have_count(0)
    await dag.page.evaluate("id => { location.hash = `#/history/${id}` }", conversation)
    missing = dag.page.get_by_role("heading", name="There is no such conversation")
    await expect(missing).to_be_visible()
    ben = await stage.rep("ben", available=False)
    await ben.opens("history")
    await ben.page.get_by_role("link", name="Only for Ana's eyes").click()
    started = ben.page.get_by_text("Ana Beltrame started the conversation")
    await expect(started).to_be_visible()
    await ben.shot("2-history")
