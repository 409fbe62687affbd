"""Pictures of every state of the gallery, to be looked at.

Start the gallery first: `npx vite -c dev/console-gallery/vite.config.ts`. Then
`python dev/console-gallery/shots.py OUT [NAME…]`.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

HOME = "http://127.0.0.1:5277/"
SIZES = {"wide": (1440, 900), "phone": (390, 844)}
SHOTS = {
    "empty": "?state=empty#/inbox",
    "away": "?state=away#/inbox",
    "loading": "?state=loading#/inbox",
    "ring": "?state=ring#/inbox",
    "rings": "?state=rings#/inbox/c1",
    "ringbar": "?state=rings#/history",
    "lost": "?state=lost#/inbox",
    "one": "?state=one#/inbox/c1",
    "draft": "?state=one&draft=long#/inbox/c1",
    "many": "?state=many#/inbox/c3",
    "list": "?state=many#/inbox",
    "longmsg": "?state=many#/inbox/c4",
    "split2": "?state=many#/inbox/c1+c3",
    "split3": "?state=many#/inbox/c1+c2+c5",
    "thousand": "?state=thousand#/inbox/c7",
    "behind": "?state=behind&draft=Sure#/inbox/c1",
    "offline": "?state=offline#/inbox/c1",
    "elsewhere": "?state=elsewhere#/inbox/c1",
    "failed": "?state=failed#/inbox/c1",
    "over": "?state=many#/inbox/c6",
    "gone": "?state=many#/inbox/c99",
    "palette": "?state=many&overlay=palette#/inbox/c1",
    "shortcuts": "?state=many&overlay=shortcuts#/inbox/c1",
    "history": "?state=one#/history/p0",
    "historylist": "?state=one#/history",
    "historyempty": "?state=one&http=empty#/history",
    "historyfailing": "?state=one&http=failing#/history",
    "historydenied": "?state=one&http=denied#/history/p1",
    "historyslow": "?state=one&http=slow#/history/p1",
    "team": "?state=one#/team",
    "teammany": "?state=one&http=many#/team",
    "teamempty": "?state=one&http=empty#/team",
    "groups": "?state=one#/team/groups",
    "invitations": "?state=one#/team/invitations",
    "account": "?state=one#/account",
    "setaway": "?state=setaway#/inbox/c1",
    "rules": "?state=one#/routing",
    "rule": "?state=one#/routing/rules/rul_apac",
    "ruleowner": "?state=one#/routing/rules/rul_owner",
    "ruleoutreach": "?state=one#/routing/rules/rul_outreach",
    "rulelong": "?state=one#/routing/rules/rul_long",
    "rulertl": "?state=one#/routing/rules/rul_arabic",
    "ruledefault": "?state=one#/routing/rules/default",
    "rulesmany": "?state=one&http=many#/routing/rules/rul_40",
    "rulesempty": "?state=one&http=empty#/routing",
    "rulesslow": "?state=one&http=slow#/routing",
    "rulesfailing": "?state=one&http=failing#/routing",
    "rulesdenied": "?state=one&http=rep#/routing",
    "rulesring": "?state=rings#/routing/rules/rul_apac",
    "simulate": "?state=one#/routing/simulate",
    "versions": "?state=one&http=draft#/routing/versions",
    "version": "?state=one#/routing/versions/9",
    "versionsempty": "?state=one&http=empty#/routing/versions",
    "fairness": "?state=one#/routing/fairness",
    "fairnessempty": "?state=one&http=empty#/routing/fairness",
    "owners": "?state=one#/routing/owners",
    "ownersempty": "?state=one&http=empty#/routing/owners",
    "fields": "?state=one#/routing/fields",
    "fieldsempty": "?state=one&http=empty#/routing/fields",
    "signin": "?http=signed-out#/inbox",
    "invitation": "?state=one#/invitation/abc",
    "invitationold": "?state=one#/invitation/old",
}


def _click(page: Page, name: str, role: Any = "button") -> None:
    page.get_by_role(role, name=name, exact=True).first.click()


def _name(page: Page) -> None:
    page.get_by_role("textbox", name="Name of the rule").fill("APAC, all sizes")


def _conflict(page: Page) -> None:
    _name(page)
    page.get_by_role("button", name=re.compile("^Save")).click()
    page.wait_for_timeout(500)


def _fields_open(page: Page) -> None:
    page.locator(".condition .pick button").first.click()
    page.wait_for_timeout(200)


def _publish(page: Page) -> None:
    _name(page)
    page.get_by_role("button", name=re.compile("^Save")).click()
    page.wait_for_timeout(400)
    _click(page, "Publish")


def _add_condition(page: Page) -> None:
    _click(page, "Condition")


def _tried(page: Page) -> None:
    _click(page, "Try the rules")
    page.locator(".fact input").first.fill("1200")
    page.wait_for_timeout(1300)


def _simulated(page: Page) -> None:
    _click(page, "Run")
    page.wait_for_timeout(500)


def _tab(tab: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_role("button", name="Edit Ben").click()
        _click(page, tab, "tab")

    return act


def _import(page: Page) -> None:
    _click(page, "Import a CSV")
    with page.expect_file_chooser() as chosen:
        _click(page, "Choose a CSV file")
    file = {"name": "owners.csv", "mimeType": "text/csv", "buffer": b"kind,key,rep\n"}
    chosen.value.set_files(file)  # type: ignore[arg-type]  # a dict is a payload


def _details(page: Page) -> None:
    """The panel, where it is a drawer."""
    if page.get_by_role("complementary", name="Visitor").count() == 0:
        page.keyboard.press("Alt+i")


def _edit(page: Page, label: str) -> None:
    _details(page)
    page.get_by_role("button", name=re.compile(f"edit {label}$", re.IGNORECASE)).click()


def _refused_edit(page: Page) -> None:
    _edit(page, "Company")
    page.get_by_role("textbox", name="Company").fill("Acme Ltd")
    page.keyboard.press("Enter")


def _add_fact(page: Page) -> None:
    _details(page)
    page.get_by_role("button", name=re.compile("Add what you know")).click()


APAC = "#/routing/rules/rul_apac"
ACTIONS: dict[str, tuple[str, Callable[[Page], Any]]] = {
    "ruleunsaved": (f"?state=one&http=editors{APAC}", _name),
    "rulefields": (f"?state=one{APAC}", _fields_open),
    "ruleadd": (f"?state=one{APAC}", _add_condition),
    "ruletry": (f"?state=one{APAC}", _tried),
    "rulemenu": ("?state=one#/routing", lambda page: _click(page, "More for APAC enterprise")),
    "conflict": (f"?state=one&http=conflict{APAC}", _conflict),
    "publish": (f"?state=one{APAC}", _publish),
    "simulated": ("?state=one#/routing/simulate", _simulated),
    "simulating": ("?state=one&http=running#/routing/simulate", _simulated),
    "hours": ("?state=one#/team", _tab("Working hours")),
    "hoursempty": ("?state=one&http=empty2#/team", _tab("Working hours")),
    "presence": ("?state=one#/team", _tab("Presence")),
    "ownersimport": ("?state=one#/routing/owners", _import),
    "ownersfaulty": ("?state=one&http=faulty#/routing/owners", _import),
    "owneradd": ("?state=one#/routing/owners", lambda page: _click(page, "Add an owner")),
    "fieldedit": ("?state=one#/routing/fields", lambda page: _click(page, "Edit Plan")),
    "editing": ("?state=one#/inbox/c1", lambda page: _edit(page, "Company")),
    "editfault": ("?state=one&http=faulty#/inbox/c1", _refused_edit),
    "editchoice": ("?state=one#/inbox/c1", lambda page: _edit(page, "Newsletter")),
    "addfact": ("?state=one#/inbox/c1", _add_fact),
    "transfer": ("?state=many#/inbox/c1", lambda page: page.keyboard.press("Alt+t")),
    "ending": ("?state=one#/inbox/c1", lambda page: page.keyboard.press("Alt+e")),
    "drawer": ("?state=many#/inbox/c1", lambda page: page.keyboard.press("Alt+i")),
    "invite": ("?state=one#/team", lambda page: page.get_by_role("button", name="Invite").click()),
    "edit": ("?state=one#/team", lambda page: page.get_by_role("button", name="Edit Ben").click()),
    "select": ("?state=one#/account", lambda page: page.locator(".select-button").click()),
}


def main() -> None:
    out, names = Path(sys.argv[1]), set(sys.argv[2:])
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for size in SIZES:
            for scheme in ("light", "dark"):
                _series(browser, out, names, size, scheme)
        browser.close()


def _series(browser: Browser, out: Path, names: set[str], size: str, scheme: str) -> None:
    width, height = SIZES[size]
    touch = size == "phone"
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        has_touch=touch,
        is_mobile=touch,
    )
    page = context.new_page()
    page.on("pageerror", lambda error: print("ERROR", error))
    page.on("console", lambda line: print(line.text[:300]) if line.type == "error" else None)
    todo = {name: (path, None) for name, path in SHOTS.items()} | ACTIONS
    for name, (path, action) in todo.items():
        if names and not names & {name, f"{name}-{size}", f"{name}-{size}-{scheme}"}:
            continue
        _shot(page, path, action, out / f"{name}-{size}-{scheme}.png")
    context.close()


def _shot(page: Page, path: str, action: object, target: Path) -> None:
    page.goto("about:blank")
    page.goto(HOME + path)
    page.wait_for_selector("#console > *")
    page.wait_for_timeout(700)
    if callable(action):
        action(page)
        page.wait_for_timeout(350)
    page.screenshot(path=str(target))


if __name__ == "__main__":
    main()
