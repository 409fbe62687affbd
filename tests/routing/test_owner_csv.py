"""Lists of owners as CSV (RT-7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.errors import FrontdeskError
from frontdesk.people.rep import normal_email
from frontdesk.routing.owners.owner_csv import MOST_FAULTS, checked_line, read_owners

HEAD = "kind,key,rep,name\n"


def test_columns_are_found_by_name_and_keys_are_made_normal() -> None:
    found = read_owners(
        "\ufeffName;Rep;Kind;Key\r\n"
        "Acme;Ada@Example.com;Account;WWW.Acme.Example.\r\n"
        "\r\n"
        '"Bo ""B""";;contact;Bo@Acme.Example\r\n'
    )
    assert found.faults == []
    account, contact = found.lines.values()
    assert account[:4] == ("account", "acme.example", "ada@example.com", "Acme")
    assert contact[:4] == ("contact", "bo@acme.example", "", 'Bo "B"')


def test_every_line_that_is_wrong_is_said_by_its_number() -> None:
    found = read_owners(
        HEAD
        + "contact,bo@acme.example,ada@example.com,\n"
        + "queue,x,,\n"
        + "contact,no address,,\n"
        + "account,acme,,\n"
        + "contact,,,\n"
        + "contact,BO@acme.example,,\n"
        + "lead,li@acme.example,nobody,\n"
        + "lead,li@acme.example,,,surplus\n"
    )
    assert list(found.lines) == [2]
    assert [fault.line for fault in found.faults] == [3, 4, 5, 6, 7, 8, 9]
    assert "in line 2 already" in found.faults[4].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must name the columns"),
        ("email,rep\n", "must name the columns"),
        ("kind,key,salary\n", "'salary' is no column"),
        ("kind,key,key\n", "twice"),
        (HEAD + '"contact,x\n', "unexpected end"),
    ],
)
def test_a_file_that_can_not_be_read_is_said(text: str, said: str) -> None:
    found = read_owners(text)
    assert said in found.faults[-1].message
    assert found.lines == {}


def test_of_a_thousand_wrong_lines_the_first_are_enough() -> None:
    assert len(read_owners(HEAD + "x,y,,\n" * 1000).faults) == MOST_FAULTS


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_no_text_raises(text: str) -> None:
    read_owners(text)
    read_owners(HEAD + text)


_LABEL = st.text(alphabet="abAB09-é", min_size=1, max_size=5)


@given(
    st.text(alphabet='aZ0_+-.!é"', min_size=0, max_size=8),
    st.lists(_LABEL, min_size=1, max_size=4).map(".".join),
)
def test_an_address_is_read_as_everywhere_else(local: str, domain: str) -> None:
    text = f"{local}@{domain}"
    try:
        expected = normal_email(text)
    except FrontdeskError:
        expected = ""
    try:
        found = checked_line({"kind": "contact", "key": text}).key
    except FrontdeskError:
        found = ""
    assert found == expected
