"""Builds everything from the configuration: the one place where the rooms meet.

`run_node` is one server process, `run_worker` the background work. Both end when `stop` is set.
"""

from frontdesk.app.node import Node, run_node
from frontdesk.app.worker import run_worker

__all__ = ["Node", "run_node", "run_worker"]
