"""What is kept of a person: exported, erased, and let go after its time (OP-5, VS-1).

A person is a visitor, or everybody who gave an email address. Erasing is asked of any process and
done by the worker (`Erasing`), which can be killed at any moment and goes on where it was.
"""
