"""Figures of a test are nobody else's."""

import pytest

from frontdesk.telemetry import figures


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty register while the test runs."""
    monkeypatch.setattr(figures, "REGISTER", {})
