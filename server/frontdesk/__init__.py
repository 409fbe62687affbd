"""Frontdesk: talk to the visitors of a website while they are there."""

__version__ = "0.1.0"
