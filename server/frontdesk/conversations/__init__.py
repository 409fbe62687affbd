"""The conversation: its numbered log, its states, its snapshot, its archive in SQL (CH).

Who holds it is decided in `claims`; here is what is said and what becomes of it.
"""
