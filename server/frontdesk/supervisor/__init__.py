"""The parent of an installation's processes on one machine (R7.1).

It holds one listening socket per node, so that a connect made while a node is dead waits for its
successor. `sockets` binds them, `child` is a process as the parent sees it, `place` always has a
living one in it, `spare` keeps one ready for whoever falls, `supervisor` runs them all, `process`
is what runs in the child, and `line` is what the two say to each other.
"""

from frontdesk.supervisor.sockets import PortInUse
from frontdesk.supervisor.supervisor import Program, Supervisor, Timing

__all__ = ["PortInUse", "Program", "Supervisor", "Timing"]
