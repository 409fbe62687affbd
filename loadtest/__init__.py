"""Named load scenarios against a server that they start: `python -m loadtest SCENARIO [options]`.

The client side is as light as Python allows (one `asyncio.Protocol` a socket, no library, answers
found by a typed decoder that skips what it doesn't need), so that it isn't what is measured.
loadtest/README.md lists the scenarios, their parameters and what the numbers mean.
"""
