"""Roles, and what each may do (US-1)."""

from enum import StrEnum


class Role(StrEnum):
    """Everyone who signs in is a rep with one role."""

    ADMIN = "admin"
    MANAGER = "manager"
    REP = "rep"
    MEETINGS_ONLY = "meetings_only"


class Right(StrEnum):
    """One thing a role may allow. Rights are checked, roles never are."""

    SEE_ALL = "see_all"
    """Every conversation and every visitor, not only one's own (RT-11)."""
    TAKE_CHATS = "take_chats"
    """Be rung, claim, talk."""
    MANAGE_TEAM = "manage_team"
    """Capacity and groups of reps."""
    MANAGE_PEOPLE = "manage_people"
    """Invite, change roles, deactivate, sign others out."""
    ROUTING = "routing"
    """Read and change routing rules, owners and visitor fields; publish, roll back (RT-16)."""
    PERSONS = "persons"
    """Export and erase what is stored about a visitor (OP-5)."""


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.MANAGER: frozenset({Right.SEE_ALL, Right.TAKE_CHATS, Right.MANAGE_TEAM, Right.ROUTING}),
    Role.REP: frozenset({Right.TAKE_CHATS}),
    Role.MEETINGS_ONLY: frozenset(),
}
