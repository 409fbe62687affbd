"""What was said in the conversations of the week: `v` the visitor, `r` the rep."""

from typing import Any

Said = tuple[tuple[str, str], ...]

ENGLISH: tuple[Said, ...] = (
    (
        ("v", "Does Beacon 4 fit an oyster bank? It falls dry at low tide."),
        ("r", "It does: the hull rests on mud without harm. How high is spring tide?"),
        ("v", "About four metres."),
        ("r", "Then take the short chain, and the wiper for the oxygen probe."),
        ("v", "Good, thank you."),
    ),
    (
        ("v", "What does a fleet of eight cost?"),
        ("r", "€ 150 a buoy and month, service visits included. Four probes on each."),
        ("v", "And if we start with five?"),
        ("r", "The same price from five on."),
    ),
    (
        ("v", "One of our buoys stopped sending an hour ago."),
        ("r", "I see it: its battery is fine, the network there is down since 14:10."),
        ("r", "It keeps its readings and sends them when the network is back."),
        ("v", "That's a relief."),
    ),
    (
        ("v", "Can we get the readings into our own database?"),
        ("r", "By API each minute, or as a plain file each night."),
        ("v", "The file will do. Which columns has it?"),
        ("r", "Time, buoy, probe, value, quality. I'll send you last night's."),
        ("v", "Please do."),
        ("r", "It's in your inbox."),
    ),
    (
        ("v", "Is the LTE module included?"),
        ("r", "It is, with a SIM for two years."),
        ("v", "And after those two years?"),
        ("r", "€ 4 a month, or your own SIM."),
    ),
    (
        ("v", "We need twelve probes for a reservoir."),
        ("r", "Which depths do you measure?"),
        ("v", "Every five metres, down to sixty."),
        ("r", "That's the chain of twelve. An engineer can look at your profile tomorrow."),
        ("v", "Tomorrow at ten is fine."),
    ),
    (
        ("v", "How long does the anchor hold in winter storms?"),
        ("r", "Ours lost none last winter at up to nine metres of swell."),
    ),
    (
        ("v", "Do you ship to islands?"),
        ("r", "Within a week, as long as a ferry goes there."),
        ("v", "One does, on Thursdays."),
    ),
)
GERMAN: tuple[Said, ...] = (
    (
        ("v", "Guten Tag, misst Beacon 4 auch den Sauerstoff?"),
        ("r", "Guten Tag. Ja, mit der Sonde O2, bis sechzig Meter Tiefe."),
        ("v", "Und wie oft muss man sie reinigen?"),
        ("r", "Mit dem Wischer einmal im Jahr."),
    ),
    (
        ("v", "Wir suchen eine Boje für einen Segelhafen."),
        ("r", "Gern. Geht es um den Wasserstand oder auch um die Wellen?"),
        ("v", "Beides."),
        ("r", "Dann reicht eine Boje mit zwei Sonden: € 190 im Monat."),
    ),
)
CAREERS: tuple[Said, ...] = (
    (
        ("v", "Is the place in the workshop still open?"),
        ("r", "It is, until the end of the month."),
        ("v", "Then I'll write tonight."),
    ),
)
LEFT = (
    "Please call me back about prices.",
    "Nobody was there. Do you have the data sheet of the salt probe?",
    "We'd like to see a Beacon in the water. When may we come?",
    "Our contract ends in spring: whom do I talk to?",
)


def talk_for(about: dict[str, Any]) -> tuple[Said, ...]:
    """What somebody like this would talk about."""
    if "/careers" in about["page"]["url"]:
        return CAREERS
    return GERMAN if about["locale"].startswith("de") else ENGLISH
