import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
SERVER = DOCS.parent / "server" / "frontdesk"


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    for file in sorted((DOCS / "decisions").glob("0*.md")):
        number, _, title = file.read_text().splitlines()[0].removeprefix("# ").partition(" · ")
        assert f"| {number} | [{title}]({file.name}) |" in index, file.name


def test_every_link_between_the_documents_leads_somewhere() -> None:
    for file in [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"]:
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", file.read_text()):
            assert (file.parent / link).exists(), f"{file.name} links to {link}"


def test_every_link_to_a_section_leads_to_one() -> None:
    for file in [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"]:
        for link, section in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", file.read_text()):
            target = file.parent / link if link else file
            assert section in _sections(target), f"{file.name} links to {link}#{section}"


def test_the_readme_leads_to_every_document() -> None:
    readme = (DOCS.parent / "README.md").read_text()
    for file in DOCS.glob("*.md"):
        assert f"](docs/{file.name})" in readme, file.name


def test_the_manual_begins_with_every_section_of_it() -> None:
    manual = (DOCS / "operations.md").read_text()
    listed = manual.partition("\n## ")[0]
    for section in re.findall(r"^## (.+)$", manual, re.MULTILINE):
        assert f"](#{_anchor(section)})" in listed, section


def test_the_lines_worth_an_alert_are_ones_that_the_server_writes() -> None:
    manual = (DOCS / "operations.md").read_text()
    named = re.findall(
        r"`([a-z_]+)`", re.findall(r"^Lines worth .+?\n\n", manual, re.MULTILINE | re.DOTALL)[0]
    )
    sources = "".join(file.read_text() for file in SERVER.rglob("*.py"))
    assert len(named) > 5
    for line in named:
        assert re.search(rf'og\.\w+\(\s*"{line}"', sources), line


def _sections(document: Path) -> set[str]:
    return {
        _anchor(title) for title in re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    }


def _anchor(title: str) -> str:
    """What a heading is called in a link to it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
