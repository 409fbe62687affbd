"""Where a visitor is (VS-4)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.visitors import places
from frontdesk.visitors.places import Places
from tests.visitors.places import TOKYO, VIENNA_V6, write_places


def test_an_address_is_looked_up_in_the_file(tmp_path: Path) -> None:
    there = Places(write_places(tmp_path / "places.mmdb"))
    assert there.of(TOKYO, "Europe/Berlin") == {
        "country": "JP", "region": "Tokyo", "city": "Tokyo", "source": "ip",
    }  # fmt: skip
    assert there.of(VIENNA_V6, "") == {"country": "AT", "source": "ip"}


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "::1", "fe80::1", "9.9.9.9", "", "x"])
def test_a_private_or_unknown_address_tells_nothing(tmp_path: Path, address: str) -> None:
    there = Places(write_places(tmp_path / "places.mmdb"))
    assert there.of(address, "") == {}
    assert there.of(address, "Asia/Calcutta") == {"country": "IN", "source": "timezone"}


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/Oslo", "NO"), ("US/Pacific", "US"), ("Europe/Kiev", "UA"), ("Africa/Accra", "GH")],
)
def test_without_a_file_the_country_is_guessed_from_the_time_zone(zone: str, country: str) -> None:
    assert Places("").of(TOKYO, zone) == {"country": country, "source": "timezone"}


@pytest.mark.parametrize("zone", ["", "UTC", "Etc/GMT+3", "../etc/passwd", "Mars/Olympus"])
def test_a_zone_of_no_country_tells_none(zone: str) -> None:
    assert Places("").of("", zone) == {}


def test_a_newer_file_is_taken_and_a_damaged_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LOOK_SECONDS", 0.0)
    path = tmp_path / "places.mmdb"
    there = Places(str(path))
    assert there.of(TOKYO, "") == {}  # it isn't there yet
    write_places(path)
    assert there.of(TOKYO, "")["city"] == "Tokyo"
    write_places(path, city="Chiyoda")
    assert there.of(TOKYO, "")["city"] == "Chiyoda"
    (tmp_path / "bad").write_bytes(b"no database")
    (tmp_path / "bad").rename(path)
    assert there.of(TOKYO, "")["city"] == "Chiyoda"


@given(st.text(), st.text())
def test_nothing_that_a_stranger_says_breaks_it(address: str, zone: str) -> None:
    Places("").of(address, zone)
