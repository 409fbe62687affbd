"""The command line: `frontdesk COMMAND`. Each command says what it does with `--help`.

Every setting is a variable `FRONTDESK_…` or a line of `frontdesk.toml`; the options here are the
few that change from run to run. Exit codes: 0 done, 1 refused or failed, 78 wrong settings.
"""

from frontdesk.cli.root import main

__all__ = ["main"]
