"""What the parent says of its processes: it knows who is called how, and sees each from outside."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from frontdesk import telemetry
from frontdesk.telemetry import Counter, Gauge
from frontdesk.telemetry.process import usage

FALLS = Counter("process_falls", "Processes that ended without being asked to.", "process")
CPU = Counter("process_cpu_seconds", "CPU of a process since it began.", "process")
MEMORY = Gauge("process_resident_bytes", "Memory of a process that is not swapped out.", "process")


class ProcessFigures:
    """Looks at the processes of an installation and publishes what it sees."""

    def __init__(self, folder: Path) -> None:
        self._publisher = telemetry.Publisher(folder)

    def look(self, processes: Iterable[tuple[str, int]]) -> None:
        """Names and process ids, the parent left out. Two of a name take turns: they are summed."""
        cpu: dict[tuple[str, ...], float] = defaultdict(float)
        memory: dict[tuple[str, ...], float] = defaultdict(float)
        for name, pid in (("supervisor", os.getpid()), *processes):
            FALLS.add(name, by=0)
            used = usage(pid)
            if used is not None:
                cpu[name,] += used.cpu_seconds
                memory[name,] += used.resident_bytes
        CPU.replace(cpu)
        MEMORY.replace(memory)
        self._publisher.publish()
