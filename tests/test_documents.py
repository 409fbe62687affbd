import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    for file in sorted((DOCS / "decisions").glob("0*.md")):
        number, _, title = file.read_text().splitlines()[0].removeprefix("# ").partition(" · ")
        assert f"| {number} | [{title}]({file.name}) |" in index, file.name


def test_every_link_between_the_documents_leads_somewhere() -> None:
    for file in [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"]:
        for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", file.read_text()):
            assert (file.parent / link).exists(), f"{file.name} links to {link}"
