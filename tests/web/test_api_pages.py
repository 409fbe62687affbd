"""The static files: who may load them, how long they are kept, what they may do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.storage.engine import Database
from tests.database_fixtures import sqlite
from tests.web.site import Site, site_on

__all__ = ["sqlite"]


@pytest.fixture
async def site(sqlite: Database, tmp_path: Path) -> AsyncIterator[Site]:
    files = {
        "console/index.html": "<html><head></head><body>console</body></html>",
        "console/assets/index-B3xK9f_2.js": "let a = 1;",
        "widget/loader.js": "let loader = 1;" * 200,
        "widget/chunk-Zz12_-9a.js": "let chunk = 1;",
        "demo/index.html": "<html><head></head><body>demo</body></html>",
        "demo/prices.html": "<html><head></head><body>prices</body></html>",
        "secret.txt": "not to be served",
    }
    for name, text in files.items():
        path = tmp_path / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    async with site_on(sqlite, tmp_path / "static") as made:
        yield made


async def test_any_site_may_load_the_loader_and_asks_again_after_minutes(site: Site) -> None:
    answer = await site.browser().get("/widget/loader.js", headers={"Origin": "https://a.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"].startswith("public, max-age=300")
    assert answer.headers["content-encoding"] == "gzip"
    again = {"If-None-Match": answer.headers["etag"]}
    assert (await site.browser().get("/widget/loader.js", headers=again)).status_code == 304


async def test_files_named_by_their_hash_are_kept_for_ever(site: Site) -> None:
    for path in ("/widget/chunk-Zz12_-9a.js", "/console/assets/index-B3xK9f_2.js"):
        answer = await site.browser().get(path)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_console_is_one_page_with_a_new_nonce_each_time(site: Site) -> None:
    seen = set()
    for path in ("/console/", "/console/anything/deep", "/console/"):
        answer = await site.browser().get(path)
        policy = answer.headers["content-security-policy"]
        nonce = answer.text.partition('nonce="')[2].partition('"')[0]
        assert f"'nonce-{nonce}'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-cache"
        seen.add(nonce)
    assert len(seen) == 3


async def test_the_demo_has_several_pages_under_a_strict_policy(site: Site) -> None:
    for path, words in [("/demo/", "demo"), ("/demo/prices.html", "prices")]:
        answer = await site.browser().get(path)
        assert words in answer.text
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/widget/../secret.txt", "/widget/%2e%2e/secret.txt", "/demo/..%2fsecret.txt"]
)
async def test_nothing_outside_the_folders_is_served(site: Site, path: str) -> None:
    answer = await site.browser().get(path)
    assert answer.status_code in {404, 405}
    assert "not to be served" not in answer.text


async def test_a_missing_file_is_not_answered_with_the_page(site: Site) -> None:
    answer = await site.browser().get("/console/assets/gone-B3xK9f_2.js")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_without_a_build_the_console_says_how_to_get_one(
    sqlite: Database, tmp_path: Path
) -> None:
    async with site_on(sqlite, tmp_path / "empty") as site:
        answer = await site.browser().get("/console/")
        assert answer.status_code == 503
        assert "make client" in answer.json()["message"]


async def test_the_root_leads_to_the_console(site: Site) -> None:
    answer = await site.browser().get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/console/")
