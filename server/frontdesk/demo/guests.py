"""Visitors who don't exist, with all that routing looks at. Pure: the dice are given."""

import random
import unicodedata
from typing import Any, NamedTuple

from frontdesk import ids
from frontdesk.demo.rules import FIELDS
from frontdesk.visitors.arrival import campaign_of
from frontdesk.visitors.fields import take
from frontdesk.visitors.sources import Source

SITE = "https://harborlight.example/demo/"


class Company(NamedTuple):
    """An account. `buoys`: of ours, afloat; none: no customer."""

    name: str
    domain: str
    industry: str
    employees: int
    place: str
    buoys: int = 0


class Place(NamedTuple):
    """Where visitors are, and what people are called there."""

    country: str
    region: str
    city: str
    timezone: str
    language: str
    first: str
    last: str


PLACES = {
    "bergen": Place("NO", "Vestland", "Bergen", "Europe/Oslo", "nb-NO",
                    "Ragna Eirik Solveig Torbjørn", "Thorvik Aasmundsen Lie-Haug Fjelde"),
    "lisbon": Place("PT", "Lisboa", "Lisbon", "Europe/Lisbon", "pt-PT",
                    "Inês Duarte Matilde Tomé", "Saragoça Vilhena Barreiros Quental"),
    "trieste": Place("IT", "Friuli Venezia Giulia", "Trieste", "Europe/Rome", "it-IT",
                     "Teo Giada Ruggero Livia", "Marchetti Sorrentani Belfiore Dorigo"),
    "kiel": Place("DE", "Schleswig-Holstein", "Kiel", "Europe/Berlin", "de-DE",
                  "Wiebke Arne Jördis Hauke", "Petersilge Brodersund Tönnissen Carlsdotter"),
    "linz": Place("AT", "Upper Austria", "Linz", "Europe/Vienna", "de-AT",
                  "Leopold Theres Korbinian Resi", "Hinterstoder Wiesgruber Aumayr"),
    "basel": Place("CH", "Basel-Stadt", "Basel", "Europe/Zurich", "de-CH",
                   "Ursina Beat Annelies", "Wasserfallen Zumstein-Aebi Rhyner"),
    "leith": Place("GB", "Scotland", "Edinburgh", "Europe/London", "en-GB",
                   "Mira Isla Fergus Morven", "Lund Drummochie Baxterby Kinloch-Orr"),
    "halifax": Place("CA", "Nova Scotia", "Halifax", "America/Halifax", "en-CA",
                     "Wren Elias Margot Theo", "Halloway Boudrelle Penhallick Sackett"),
    "seattle": Place("US", "Washington", "Seattle", "America/Los_Angeles", "en-US",
                     "Juniper Caleb Odessa Marcus", "Tidewell Okafor-Reyes Lindqvist Vance"),
    "boston": Place("US", "Massachusetts", "Boston", "America/New_York", "en-US",
                    "Hattie Silas Priya Desmond", "Winslowe Garraty Mehrotra Pell"),
    "valparaiso": Place("CL", "Valparaíso", "Valparaíso", "America/Santiago", "es-CL",
                        "Amparo Joaquín Rocío Benicio", "Alcarraz Montecinos Urrejola"),
    "osaka": Place("JP", "Osaka", "Osaka", "Asia/Tokyo", "ja-JP",
                   "Aiko Haruto Mizuki Kenta", "Sugiyama Hoshigawa Umekawa Tanimori"),
    "busan": Place("KR", "Busan", "Busan", "Asia/Seoul", "ko-KR",
                   "Seo-yun Min-jae Ha-eun Ji-ho", "Gang-Bae Nam-Yoon Seong"),
    "singapore": Place("SG", "Central", "Singapore", "Asia/Singapore", "en-SG",
                       "Wei-Ling Arjun Nadia Kok-Leong", "Tan-Pereira Ramasubbu Yeohsing"),
    "auckland": Place("NZ", "Auckland", "Auckland", "Pacific/Auckland", "en-NZ",
                      "Aroha Finn Marama Tane", "Whareora Kingsbury-Te Rawene"),
}  # fmt: skip

COMPANIES = (
    Company("Oyster Pilots", "oysterpilots.example", "Ports", 85, "leith", 6),
    Company("Skarvøy Port", "skarvoyport.example", "Ports", 140, "bergen", 12),
    Company("Laguna Authority", "lagunawater.example", "Public sector", 430, "trieste", 22),
    Company("Hanseboje", "hanseboje.example", "Ports", 60, "kiel", 9),
    Company("Ellery Bay Pilots", "ellerybay.example", "Ports", 48, "halifax", 4),
    Company("Three Lakes Water", "threelakes.example", "Water supply", 310, "boston", 15),
    Company("Minato Tide Office", "minatotide.example", "Public sector", 900, "osaka", 31),
    Company("Kelp Harvest", "kelpharvest.example", "Aquaculture", 35, "auckland", 3),
    Company("Nordlys Aquaculture", "nordlysaqua.example", "Aquaculture", 220, "bergen"),
    Company("Tejo River Works", "tejoworks.example", "Water supply", 510, "lisbon"),
    Company("Donaukraft Pegel", "donaupegel.example", "Energy", 1600, "linz"),
    Company("Förde Segelhafen", "foerdehafen.example", "Ports", 25, "kiel"),
    Company("Rheinpegel", "rheinpegel.example", "Public sector", 260, "basel"),
    Company("Firth Ferries", "firthferries.example", "Shipping", 720, "leith"),
    Company("Sound & Strait Shipping", "soundstrait.example", "Shipping", 2400, "seattle"),
    Company("Cascadia Reservoirs", "cascadiares.example", "Water supply", 680, "seattle"),
    Company("Harbor Mile Insurance", "harbormile.example", "Insurance", 1900, "boston"),
    Company("Costa Fría Salmon", "costafria.example", "Aquaculture", 1300, "valparaiso"),
    Company("Kansai Waterfront", "kansaiwf.example", "Public sector", 2100, "osaka"),
    Company("Setouchi Ferry Lines", "setouchiferry.example", "Shipping", 1450, "osaka"),
    Company("Haeundae Marine Labs", "haeundaelabs.example", "Research", 640, "busan"),
    Company("Busan Quay Systems", "busanquay.example", "Ports", 3200, "busan"),
    Company("Merlion Dredging", "merliondredge.example", "Construction", 870, "singapore"),
    Company("Straits Desalination", "straitsdesal.example", "Water supply", 1250, "singapore"),
    Company("Kauri Bay Oysters", "kauribay.example", "Aquaculture", 40, "auckland"),
)

PAGES = (
    ("index.html", "Harborlight Instruments: water, measured where it is", 4),
    ("beacon.html", "Beacon 4 · Harborlight Instruments", 6),
    ("pricing.html", "Pricing · Harborlight Instruments", 7),
    ("contact.html", "Contact · Harborlight Instruments", 3),
    ("careers.html", "Careers · Harborlight Instruments", 1),
)
DEVICES = (
    ({"type": "desktop", "browser": "Chrome", "os": "Windows"}, 6),
    ({"type": "desktop", "browser": "Safari", "os": "macOS"}, 3),
    ({"type": "desktop", "browser": "Firefox", "os": "Linux"}, 1),
    ({"type": "phone", "browser": "Safari", "os": "iOS"}, 3),
    ({"type": "phone", "browser": "Chrome", "os": "Android"}, 3),
)
CAMPAIGNS = (
    ("", "", 11),
    ("utm_source=google&utm_medium=cpc&utm_campaign=spring-tide", "https://www.google.com/", 3),
    ("utm_source=newsletter&utm_medium=email&utm_campaign=new-probes", "", 2),
    ("utm_source=bing&utm_medium=cpc&utm_campaign=harbour", "https://www.bing.com/", 1),
)
DECLARED = {field.name: field for field in FIELDS}


def guest(rng: random.Random) -> dict[str, Any]:
    """Everything that is known of a visitor: `about`, as a conversation keeps it."""
    company = _company(rng)
    place = PLACES[company.place]
    visits = 1 + (rng.random() < 0.4) * rng.randint(1, 4)
    about: dict[str, Any] = {
        "id": ids.new("v"),
        "session": ids.new("s"),
        "locale": place.language,
        "timezone": place.timezone,
        "device": _one(rng, DEVICES),
        "location": {"country": place.country, "region": place.region, "city": place.city},
        "returning": visits > 1,
        "pages_seen": rng.randint(1, 9),
        **_pages(rng),
    }
    if visits > 1 and rng.random() < 0.5:
        about["past_conversations"] = rng.randint(1, 3)
    _introduce(about, company, place, rng)
    return about


def _company(rng: random.Random) -> Company:
    weights = [4.0 if one.buoys else 3.0 for one in COMPANIES]
    return rng.choices(COMPANIES, weights)[0]


def _pages(rng: random.Random) -> dict[str, Any]:
    """How the visit began, and where they are."""
    name, title = rng.choices([page[:2] for page in PAGES], [page[2] for page in PAGES])[0]
    query, referrer = rng.choices([one[:2] for one in CAMPAIGNS], [one[2] for one in CAMPAIGNS])[0]
    landing = SITE + (f"?{query}" if query else "")
    found: dict[str, Any] = {"landing_page": landing, **campaign_of(landing)}
    if referrer:
        found["referrer"] = referrer
    return {**found, "page": {"url": SITE + name, "title": title}}


def _introduce(about: dict[str, Any], company: Company, place: Place, rng: random.Random) -> None:
    """Most companies are known; customers are signed in; of the others some said who they are."""
    if rng.random() < 0.2:
        return
    firm: dict[str, Any] = {
        "company": company.name,
        "domain": company.domain,
        "industry": company.industry,
        "employees": company.employees,
    }
    take(about, firm, Source.ENRICHMENT, DECLARED)
    if company.buoys:
        ours = {"customer": True, "buoys": company.buoys}
        take(about, {**_name(company, place, rng), **ours}, Source.PAGE, DECLARED)
    elif rng.random() < 0.55:
        take(about, _name(company, place, rng), Source.CHAT, DECLARED)
    if rng.random() < 0.4:
        interest = rng.choice(DECLARED["interest"].values)
        take(about, {"interest": interest}, Source.FORM, DECLARED)


def _name(company: Company, place: Place, rng: random.Random) -> dict[str, Any]:
    """One of a few people there, who come again."""
    first, last = place.first.split(), place.last.split()
    which = rng.randrange(len(first))
    plain = "".join(filter(str.isascii, unicodedata.normalize("NFKD", first[which].casefold())))
    name = f"{first[which]} {last[which % len(last)]}"
    return {"name": name, "email": f"{plain}@{company.domain}"}


def _one(rng: random.Random, pairs: tuple[tuple[Any, int], ...]) -> Any:
    return rng.choices([one for one, _ in pairs], [weight for _, weight in pairs])[0]
