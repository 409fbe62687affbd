import contextlib
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.config import Durability, LogFormat, Settings, SettingsError, load, prepare
from frontdesk.config.manual import table
from frontdesk.config.reading import FIELDS

Read = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(environ: dict[str, str], **more: object) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load(environ, **more)  # type: ignore[arg-type]  # each test says what it passes
    return {problem.where: problem.what for problem in caught.value.problems}


def test_nothing_set_gives_the_defaults() -> None:
    assert load({}) == Settings()


def test_every_setting_has_a_description_for_the_manual() -> None:
    for name, field in FIELDS.items():
        text = field.type.__metadata__[-1].description
        assert text.endswith("."), name


def test_the_manual_lists_every_setting_as_it_is() -> None:
    manual = Path(__file__).parents[1] / "docs" / "operations.md"
    assert table() in manual.read_text(), "`python -m frontdesk.config.manual` prints the table"


def test_a_value_of_the_environment_is_read_by_its_type() -> None:
    settings = load(
        {
            "FRONTDESK_PORT": "9000",
            "FRONTDESK_DURABILITY": "everysec",
            "FRONTDESK_LOG_FORMAT": "json",
            "FRONTDESK_RING_SECONDS": "0.5",
            "FRONTDESK_DATA": "/srv/desk",
            "FRONTDESK_ALLOWED_ORIGINS": "https://a.example, https://b.example",
            "UNRELATED": "1",
        }
    )
    assert settings.port == 9000
    assert settings.durability is Durability.EVERYSEC
    assert settings.log_format is LogFormat.JSON
    assert settings.ring_seconds == 0.5
    assert settings.data == Path("/srv/desk")
    assert settings.allowed_origins == ("https://a.example", "https://b.example")


def test_the_file_of_the_working_folder_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text('port = 9001\nworkers = 3\ndesk_name = "Sales"\n')
    settings = load({"FRONTDESK_PORT": "9002"}, options={"workers": 5, "host": None})
    assert (settings.port, settings.workers, settings.desk_name) == (9002, 5, "Sales")
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("port = 1.5", "expected a whole number (it is 1.5)"),
        ("port = true", "expected a whole number (it is true)"),
        ("port = 70_000", "expected a whole number of at most 65535 (it is 70000)"),
        ("ring_seconds = 0", "expected a number of more than 0 (it is 0)"),
        ("desk_name = 3", "expected a text (it is 3)"),
        ("allowed_origins = 3", "expected a list (it is 3)"),
        ("allowed_origins = [3]", "expected a text (it is [3])"),
        ("log_level = 3", "expected debug, info, warning or error (it is 3)"),
        ('desk = "A B"', "expected small letters, digits and hyphens, at most 32, such as main-2"),
        ("data = 3", "expected the path of a folder (it is 3)"),
    ],
)
def test_a_wrong_line_of_the_file_is_told_in_plain_words(
    tmp_path: Path, line: str, sentence: str
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(f"{line}\n")
    (what,) = problems({}, file=file).values()
    assert what.startswith(sentence)


def test_all_mistakes_are_reported_at_once_each_by_the_name_it_was_written_under(
    tmp_path: Path,
) -> None:
    file = tmp_path / "desk.toml"
    file.write_text('durability = "sometimes"\nfroma_rate = 3\nworkers = 0\n')
    found = problems(
        {
            "FRONTDESK_PORT": "eighty",
            "FRONTDESK_REDIS_URL": "http://localhost",
            "FRONTDESK_TRUSTED_PROXIES": "10.0.0.1/8",
        },
        file=file,
        options={"drain_seconds": -1},
    )
    assert set(found) == {
        f"durability in {file}",
        f"froma_rate in {file}",
        f"workers in {file}",
        "FRONTDESK_PORT",
        "FRONTDESK_REDIS_URL",
        "FRONTDESK_TRUSTED_PROXIES",
        "--drain-seconds",
    }
    assert found["FRONTDESK_PORT"] == "expected a whole number (it is 'eighty')"
    assert found[f"durability in {file}"].startswith("expected always, everysec or replicated")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("FRONTDESK_PROT", "FRONTDESK_PORT"), ("FRONTDESK_WORKER", "FRONTDESK_WORKERS")],
)
def test_a_misspelt_variable_is_refused_with_what_was_probably_meant(
    written: str, meant: str
) -> None:
    assert problems({written: "1"})[written] == f"no such setting. Did you mean {meant}?"


def test_a_misspelt_line_of_the_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text("ring_second = 10\n")
    assert problems({})["ring_second in frontdesk.toml"].endswith("Did you mean ring_seconds?")


def test_a_variable_that_resembles_nothing_points_at_the_list() -> None:
    assert "check-config --all" in problems({"FRONTDESK_QQQQ": "1"})["FRONTDESK_QQQQ"]


def test_small_letters_in_a_variable_are_not_taken_for_the_setting() -> None:
    assert "FRONTDESK_PORT?" in problems({"FRONTDESK_port": "1"})["FRONTDESK_port"]


def test_a_named_file_must_exist() -> None:
    assert "can't be read" in problems({"FRONTDESK_CONFIG": "nowhere.toml"})["nowhere.toml"]


def test_a_file_that_is_not_toml_says_where_it_stops_being_it(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text("port: 80\n")
    assert "line 1" in problems({})["frontdesk.toml"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "chat.example.com"),
        ("public_url", "https://chat.example.com/desk"),
        ("allowed_origins", "https://a.example/"),
        ("allowed_origins", "a.example"),
        ("allowed_origins", "https://a.example:port"),
        ("trusted_proxies", "proxy.local"),
        ("database_url", "mysql://localhost/desk"),
        ("desk", "Main Desk"),
        ("secret_key", "too short"),
        ("identity_secret", f"{'n' * 32} short"),
        ("identity_secret", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        ("geoip_file", "/nowhere/places.mmdb"),
        ("ring_seconds", "100"),
        ("frame_burst", "1"),
        ("session_gone_minutes", "61"),
    ],
)
def test_a_value_that_can_not_work_is_refused(name: str, value: str) -> None:
    variable = f"FRONTDESK_{name.upper()}"
    assert variable in problems({variable: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "https://chat.example.com/"),
        ("allowed_origins", "*"),
        ("allowed_origins", "http://localhost:3000"),
        ("trusted_proxies", "10.0.0.0/8 ::1"),
        ("database_url", "postgresql+asyncpg://desk:pw@db/desk"),
        ("redis_url", "rediss://:pw@redis:6379/0"),
        (
            "redis_url",
            "redis+sentinel://u:pw@one,two:26380,[::1]/mymaster?db=2&sentinel_password=x",
        ),
        ("redis_url", "rediss+sentinel://one:26379/mymaster?ssl_ca_certs=/ca.pem"),
        ("redis_url", "redis+cluster://:pw@one:6379,two,three:7000"),
        ("secret_key", f"{'n' * 32},{'o' * 32}"),
        ("identity_secret", f"{'n' * 32}, {'o' * 32}"),
    ],
)
def test_a_value_that_works_is_taken(name: str, value: str) -> None:
    load({f"FRONTDESK_{name.upper()}": value})


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("htp://x", "must begin with redis://"),
        ("unix+cluster://x", "must begin with redis://"),
        ("redis+sentinel://one:26379,two:26379", "names no master"),
        ("redis+sentinel:///mymaster", "names no host"),
        ("redis+sentinel://one/mymaster/0", "the number of a database is ?db="),
        ("redis+sentinel://one/mymaster?db=x", "that is no number"),
        ("redis+sentinel://one,,two/mymaster", "nothing where a host belongs (host 2"),
        ("redis+cluster://one:70000", "a port that is no number up to 65535 (host 1"),
        ("redis+cluster://one/3", "no other database than 0"),
        ("redis+cluster://one?db=0", "no other database than 0"),
        ("redis+cluster://:hu]sh@one", "written as %40"),
    ],
)
def test_what_is_wrong_with_the_address_of_redis_is_named(url: str, fault: str) -> None:
    found = problems({"FRONTDESK_REDIS_URL": url})["FRONTDESK_REDIS_URL"]
    assert fault in found
    assert "hu" not in found


def test_a_password_that_breaks_an_address_is_not_printed_in_its_mistake() -> None:
    for url in ("redis+cluster://:hu/sh@one", "redis+sentinel://:hu#sh@one/m", "redis+x://:hu:sh"):
        assert "hu" not in str(problems({"FRONTDESK_REDIS_URL": url}).values())


def test_the_embedded_redis_has_no_replica_to_wait_for() -> None:
    replicated = {"FRONTDESK_DURABILITY": "replicated"}
    assert "alone" in problems(replicated)["FRONTDESK_DURABILITY"]
    load(replicated | {"FRONTDESK_REDIS_URL": "redis://redis"})


def test_secrets_are_never_printed() -> None:
    settings = load(
        {
            "FRONTDESK_SECRET_KEY": "s" * 32,
            "FRONTDESK_IDENTITY_SECRET": "s" * 40,
            "FRONTDESK_REDIS_URL": "redis://desk:hush@redis:6379/0",
            "FRONTDESK_DATABASE_URL": "postgresql+asyncpg://desk:hush@db/desk",
        }
    )
    for text in (repr(settings), str(settings), str(settings.shown())):
        assert "sss" not in text
        assert "hush" not in text
        assert "redis:6379" in text


def test_a_wrong_secret_is_not_printed_in_its_mistake() -> None:
    found = problems({"FRONTDESK_SECRET_KEY": "hush", "FRONTDESK_REDIS_URL": "htp://:hush@x"})
    assert "hush" not in str(found)


def test_several_secret_keys_are_kept_in_order() -> None:
    settings = load({"FRONTDESK_SECRET_KEY": f"{'n' * 32} {'o' * 32}"})
    assert settings.secret_keys == ("n" * 32, "o" * 32)


def test_preparing_makes_a_private_folder_and_a_key_that_stays(tmp_path: Path) -> None:
    settings = prepare(Settings(data=Path("somewhere/data")))
    assert settings.data == tmp_path / "somewhere/data"
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((settings.data / "secret.key").stat().st_mode) == 0o600
    assert len(settings.secret_key) == 64
    assert prepare(Settings(data=Path("somewhere/data"))).secret_key == settings.secret_key
    assert [path.name for path in settings.data.iterdir()] == ["secret.key"]


def test_many_first_starts_at_once_agree_on_one_key() -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = {s.secret_key for s in pool.map(lambda _: prepare(Settings()), range(64))}
    assert len(keys) == 1


def test_a_key_of_ones_own_is_not_replaced() -> None:
    assert prepare(Settings(secret_key="k" * 32)).secret_key == "k" * 32


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"FRONTDESK_DATA or --data: .*file/data can't be used"):
        prepare(Settings(data=tmp_path / "file" / "data"))


def test_the_address_for_browsers_follows_from_host_and_port_unless_it_is_given() -> None:
    assert Settings(host="0.0.0.0", port=81).url == "http://127.0.0.1:81"
    assert Settings(host="::1", port=81).url == "http://[::1]:81"
    assert Settings(public_url="https://chat.example.com/").url == "https://chat.example.com"


@given(
    st.dictionaries(
        st.sampled_from([f"FRONTDESK_{name.upper()}" for name in FIELDS]), st.text(max_size=20)
    )
)
def test_whatever_the_environment_holds_only_a_settings_error_comes_of_it(
    environ: dict[str, str],
) -> None:
    with contextlib.suppress(SettingsError):
        load(environ)
