"""The dashboard and the alerts ask for what exists, and the manual names all of it."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from frontdesk.cli.readings import DESK_WIDE
from frontdesk.doctor import figures

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/frontdesk.json").read_text())
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())
NAME = re.compile(r"\bfrontdesk_\w+")
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def expressions() -> Iterator[str]:
    """Every question that the dashboard and the alerts ask."""
    for panel in PANELS:
        yield from (target["expr"] for target in panel["targets"])
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["query"]["query"]
    yield from (rule["expr"] for rule in RULES)


def test_top_adds_machines_up_as_a_page_adds_processes_up() -> None:
    largest = {one.name.removeprefix("frontdesk_") for one in figures.told() if one.joined == "max"}
    assert largest == DESK_WIDE


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_question_names_figures_that_exist(expression: str) -> None:
    asked = set(NAME.findall(expression))
    assert asked, "it asks for nothing of ours"
    assert asked <= figures.names()


def test_a_figure_that_nobody_looks_at_would_be_one_too_many() -> None:
    """Each is on the dashboard or in an alert, by one of its names."""
    asked = set(NAME.findall("\n".join(expressions())))
    for family in figures.told():
        assert any(name.startswith(family.name) for name in asked), family.name


def test_the_manual_lists_every_figure_as_it_is() -> None:
    manual = (ROOT / "docs" / "operations.md").read_text()
    assert figures.table() in manual, "`python -m frontdesk.doctor.figures` prints the table"


def test_names_say_their_units_as_prometheus_has_it() -> None:
    for family in figures.told():
        assert family.name.endswith("_total") == (family.kind == "counter"), family.name
        assert family.kind != "spread" or family.name.endswith("_seconds"), family.name
        assert family.meaning.endswith("."), family.name


def test_every_alert_says_how_bad_what_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "todo"}, rule["alert"]
    assert len({rule["alert"] for rule in RULES}) == len(RULES)


_BEGUN = (
    "from frontdesk.doctor import figures\n"
    "print({family.name: list(family.samples) for family in figures.told()"
    " if family.kind == 'counter'})"
)
"""In a process of its own: nothing has been counted there yet."""


def test_what_an_alert_counts_by_label_begins_with_a_zero() -> None:
    """`increase` doesn't see a counter that appears with a one."""
    begun = subprocess.run(
        [sys.executable, "-c", _BEGUN], capture_output=True, text=True, check=True, timeout=60
    )
    page = {name: dict(samples) for name, samples in ast.literal_eval(begun.stdout).items()}
    assert page["frontdesk_refused_total"][("command", "internal")] == [0]
    assert page["frontdesk_sockets_closed_total"][("4002",)] == [0]
    assert {("missed",), ("requested",)} <= page["frontdesk_requests_total"].keys()


def test_panels_overlap_nowhere_and_have_numbers_of_their_own() -> None:
    taken: dict[tuple[int, int], Any] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["id"]) == panel["id"], panel["title"]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
