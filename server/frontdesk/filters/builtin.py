"""The fields that every desk has from its first day."""

from typing import Final

from frontdesk.filters.fields import Field, FieldType, Source

COUNTRIES: Final = tuple(
    (  # noqa: SIM905  # 250 quoted codes would be a page of quotes
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
        "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
        "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
        "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
        "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
        "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
        "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
        "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
        "VN VU WF WS XK YE YT ZA ZM ZW"
    ).split()
)
"""ISO 3166-1 alpha-2, and XK for Kosovo, which location databases use. Names are the reader's."""

DEVICES: Final = ("desktop", "phone", "tablet", "bot")

_TEXT, _URL, _NUMBER, _PICKLIST = (
    FieldType.TEXT,
    FieldType.URL,
    FieldType.NUMBER,
    FieldType.PICKLIST,
)

_PAGE: Final = (
    Field("page.url", "Page URL", _URL, Source.PAGE, "https://example.com/pricing?plan=team"),
    Field("page.path", "Page path", _TEXT, Source.PAGE, "/pricing"),
    Field("page.title", "Page title", _TEXT, Source.PAGE, "Plans and pricing"),
    Field("page.referrer", "Page referrer", _URL, Source.PAGE, "https://example.com/"),
)
_SESSION: Final = (
    Field("session.landing_page", "Landing page", _URL, Source.SESSION, "https://example.com/"),
    Field("session.referrer", "Referrer", _URL, Source.SESSION, "https://www.google.com/"),
    Field("utm.source", "UTM source", _TEXT, Source.SESSION, "linkedin"),
    Field("utm.medium", "UTM medium", _TEXT, Source.SESSION, "cpc"),
    Field("utm.campaign", "UTM campaign", _TEXT, Source.SESSION, "spring-launch"),
    Field("utm.term", "UTM term", _TEXT, Source.SESSION, "live chat"),
    Field("utm.content", "UTM content", _TEXT, Source.SESSION, "banner-2"),
    Field("session.gclid", "Google click ID", _TEXT, Source.SESSION, "Cj0KCQjw"),
    Field("session.pages_seen", "Pages seen", _NUMBER, Source.SESSION, 4),
    Field(
        "session.pages_seen_urls",
        "URLs of pages seen",
        FieldType.TEXTS,
        Source.SESSION,
        "https://example.com/pricing",
    ),
)
_DEVICE: Final = (
    Field("device.type", "Device", _PICKLIST, Source.DEVICE, "desktop", DEVICES),
    Field("device.browser", "Browser", _TEXT, Source.DEVICE, "Firefox"),
    Field("device.os", "Operating system", _TEXT, Source.DEVICE, "macOS"),
    Field("visitor.language", "Language", _TEXT, Source.DEVICE, "pt-BR"),
    Field("visitor.timezone", "Time zone", _TEXT, Source.DEVICE, "Asia/Tokyo"),
)
_LOCATION: Final = (
    Field("location.country", "Country", _PICKLIST, Source.ADDRESS, "JP", COUNTRIES),
    Field("location.region", "Region", _TEXT, Source.ADDRESS, "California"),
    Field("location.city", "City", _TEXT, Source.ADDRESS, "Osaka"),
)
_VISITOR: Final = (
    Field("visitor.email", "Email", FieldType.EMAIL, Source.IDENTITY, "kim@example.com"),
    Field("visitor.email_domain", "Email domain", _TEXT, Source.IDENTITY, "example.com"),
    Field("visitor.name", "Name", _TEXT, Source.IDENTITY, "Kim Tanaka"),
    Field("visitor.phone", "Phone", _TEXT, Source.IDENTITY, "+81 6 1234 5678"),
    Field("visitor.company", "Company", _TEXT, Source.ENRICHMENT, "Example Ltd"),
    Field("visitor.domain", "Company domain", _TEXT, Source.ENRICHMENT, "example.com"),
    Field("visitor.industry", "Industry", _TEXT, Source.ENRICHMENT, "Software"),
    Field("visitor.employees", "Employees", _NUMBER, Source.ENRICHMENT, 1200),
)
_HISTORY: Final = (
    Field("visitor.returning", "Returning", FieldType.BOOLEAN, Source.HISTORY, example=True),
    Field("visitor.past_conversations", "Past conversations", _NUMBER, Source.HISTORY, 2),
)

BUILTIN: Final = (*_PAGE, *_SESSION, *_DEVICE, *_LOCATION, *_VISITOR, *_HISTORY)
