from pathlib import Path

from frontdesk.config import Settings
from frontdesk.demo import TEAM, seed
from frontdesk.people.people import People
from frontdesk.people.sign_ins import From
from frontdesk.storage import migrate
from frontdesk.storage.engine import Database, database_url


async def test_the_demo_company_is_eight_reps_in_three_groups_whose_links_stay_the_same(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path, secret_key="k" * 32, port=8123)
    url = database_url("", tmp_path)
    await migrate.upgrade(url)
    links = await seed(settings)
    assert await seed(settings) == links
    database = Database.open(url)
    people = People.of(database)
    assert len(await people.accounts.all()) == len(links) == 8
    assert len(await people.groups.all()) == 3
    for link, person in zip(links, TEAM, strict=True):
        address, _, token = link.url(settings).partition("/sign-in/")
        assert address == f"http://{person.host}.localhost:8123"
        assert (await people.sign_ins.by_link(token, From())).rep.name == person.name
    people.close()
    await database.close()
