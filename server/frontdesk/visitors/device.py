"""What a visitor uses, from the User-Agent of the opening request (VS-4).

ua-parser's rules on its Rust engine: 13–40 µs a parse, where its Python engine takes 1–10 ms; of
the rules only those of browsers and systems, 110 ms and 11 MB to make ready, once a process. The
rules of device models would take another 180 ms, to learn names that nobody filters by: the type is
told by a few words. What was parsed is remembered: in a storm of hellos most are of a few kinds.
"""

from functools import cache, lru_cache

from ua_parser import Domain, loaders
from ua_parser.regex import Resolver

LONGEST = 512
"""Real ones have 60 to 250 characters; the rest of a longer one says nothing and takes time."""
REMEMBERED = 4096
"""Kinds of User-Agent; about 0.5 kB each."""

_BOTS = ("bot", "crawl", "spider", "slurp", "headless", "lighthouse", "facebookexternalhit")
_TELEVISIONS = ("smart-tv", "smarttv", "appletv", "googletv", "hbbtv", "tizen 2", " tv ")
_DESKTOPS = ("windows nt", "macintosh", "x11", "cros ")


@lru_cache(maxsize=REMEMBERED)
def _device_of(user_agent: str) -> dict[str, str]:
    parsed = resolver()(user_agent, Domain.USER_AGENT | Domain.OS)
    found = {
        "type": type_of(user_agent.lower()),
        "browser": parsed.user_agent.family if parsed.user_agent else "",
        "os": parsed.os.family if parsed.os else "",
    }
    return {name: value for name, value in found.items() if value}


def device_of(user_agent: str) -> dict[str, str]:
    """type, browser and os, as far as known. It is shared between all who use the same: don't
    change it.
    """
    return _device_of(user_agent[:LONGEST]) if user_agent else {}


def type_of(lower: str) -> str:
    """desktop, mobile, tablet, tv, bot, or '' of a User-Agent in lower case. An iPad that asks for
    desktop pages calls itself a Macintosh, and is taken for one.
    """
    if any(word in lower for word in _BOTS):
        return "bot"
    if any(word in lower for word in _TELEVISIONS):
        return "tv"
    if "ipad" in lower or "tablet" in lower or ("android" in lower and "mobile" not in lower):
        return "tablet"
    if "mobi" in lower or "iphone" in lower:
        return "mobile"
    return "desktop" if any(word in lower for word in _DESKTOPS) else ""


@cache
def resolver() -> Resolver:
    """Made once a process: call it before there are sockets that would have to wait."""
    browsers, systems, _models = loaders.load_lazy_builtins()
    return Resolver((browsers, systems, []))
