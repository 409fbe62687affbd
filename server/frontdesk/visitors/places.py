"""Where a visitor is, by their address, else by their time zone (VS-4).

The address is looked up in a database of the owner's choice (`geoip_file`, in MaxMind's format:
GeoLite2, DB-IP, IP2Location …), on this machine, and kept nowhere. Without one, for private
addresses, and for those it doesn't know, the country is guessed from the time zone that the browser
told: nearly always right, never finer than a country, and said to be a guess (`source`: timezone).
"""

from functools import cache, lru_cache
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any

import maxminddb
import structlog

log = structlog.get_logger("places")

LOOK_SECONDS = 60.0
"""How often it is looked whether the file is a newer one: they come weekly."""
_LANGUAGE = "en"

Place = dict[str, str]
"""country (ISO 3166 code), region and city (English names), as far as known; `source`: ip or
timezone. It may be shared: don't change it.
"""


class Places:
    """Looks up addresses; takes a newer file by itself. `path` '' is no file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._reader: maxminddb.Reader | None = None
        self._stamp: tuple[int, int] | None = None
        self._looked = float("-inf")

    def of(self, address: str, timezone: str) -> Place:
        """The place, {} where nothing is known."""
        return self._by_address(address) or _place_of_zone(timezone)

    def _by_address(self, address: str) -> Place:
        reader = self._current()
        if reader is None or not address:
            return {}
        try:
            if not ip_address(address).is_global:
                return {}
            place = _place_of(reader.get(address))
        except (ValueError, maxminddb.InvalidDatabaseError):
            return {}  # no address, an IPv6 one in a file without, or a damaged part of it
        return {**place, "source": "ip"} if place else {}

    def _current(self) -> maxminddb.Reader | None:
        now = monotonic()
        if self._path and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look()
        return self._reader

    def _look(self) -> None:
        """Opens the file when it is new or changed; the earlier one goes on if that fails."""
        try:
            found = Path(self._path).stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp == self._stamp:
                return
            self._reader = maxminddb.open_database(self._path)
            self._stamp = stamp
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            log.warning("the file of places can't be read", file=self._path, because=str(error))


def _place_of(record: Any) -> Place:
    """From a record in the form of GeoIP2 City or Country."""
    if not isinstance(record, dict):
        return {}
    country = record.get("country") or record.get("registered_country") or {}
    regions = record.get("subdivisions") or [{}]
    found = {
        "country": str(country.get("iso_code", "")),
        "region": _name(regions[0]),
        "city": _name(record.get("city") or {}),
    }
    return {key: value for key, value in found.items() if value}


def _name(named: dict[str, Any]) -> str:
    return str((named.get("names") or {}).get(_LANGUAGE, ""))


@lru_cache(maxsize=1024)
def _place_of_zone(timezone: str) -> Place:
    """The country that a zone of the tz database lies in; those of none, such as UTC, tell none."""
    countries, targets = _zones()
    country = countries.get(timezone) or countries.get(targets.get(timezone, ""))
    return {"country": country, "source": "timezone"} if country else {}


@cache
def _zones() -> tuple[dict[str, str], dict[str, str]]:
    """Countries by zone, and zones by their former names: browsers still say `Asia/Calcutta`."""
    folder = files("tzdata").joinpath("zoneinfo")
    countries = {}
    for line in _lines(folder.joinpath("zone.tab").read_text()):
        country, _where, zone, *_comment = line.split("\t")
        countries[zone] = country
    links = _lines(folder.joinpath("tzdata.zi").read_text())
    parts = [line.split() for line in links if line.startswith("L ")]
    return countries, {alias: target for _, target, alias in parts}


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]
