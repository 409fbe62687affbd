"""A small file of places, in MaxMind's format."""

from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

TOKYO = "126.0.0.9"
VIENNA_V6 = "2001:4860::9"


def write_places(path: Path, *, city: str = "Tokyo") -> str:
    """Two networks and a private one that nobody should be looked up in."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-City")
    japan = {
        "country": {"iso_code": "JP", "names": {"en": "Japan"}},
        "subdivisions": [{"iso_code": "13", "names": {"en": "Tokyo"}}],
        "city": {"names": {"en": city, "ja": "東京"}},
    }
    writer.insert_network(IPSet(["126.0.0.0/8"]), japan)
    writer.insert_network(IPSet(["2001:4860::/32"]), {"registered_country": {"iso_code": "AT"}})
    writer.insert_network(IPSet(["10.0.0.0/8"]), japan)
    beside = path.with_suffix(".new")
    writer.to_db_file(str(beside))
    beside.rename(path)
    return str(path)
