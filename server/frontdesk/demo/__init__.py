"""The demo company: its reps, its routing rules, and a week in which it had visitors.

Nobody in it exists. What it sets up goes through the stores that the HTTP interface uses; the week
is what the archive would have written of it.
"""

from frontdesk.demo.company import COMPANY, TEAM, DemoLink, DemoRep, seed

__all__ = ["COMPANY", "TEAM", "DemoLink", "DemoRep", "seed"]
