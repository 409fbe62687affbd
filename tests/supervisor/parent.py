"""A supervisor of stand-ins in a process of its own: settings as JSON, then what it runs."""

import asyncio
import json
import sys
from pathlib import Path

from frontdesk import telemetry
from frontdesk.config import Settings, load
from frontdesk.supervisor import Program, Supervisor, Timing


def main() -> None:
    file, program, timing = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])

    def read() -> Settings:
        return load({}, file=file)

    def announce(settings: Settings) -> None:
        print(settings.port, flush=True)  # noqa: T201 — the test reads it

    telemetry.configure(read(), process="parent")
    supervisor = Supervisor(
        read(), Program(**program), timing=Timing(**timing), reload=read, on_ready=announce
    )
    sys.exit(asyncio.run(supervisor.run()))


if __name__ == "__main__":
    main()
