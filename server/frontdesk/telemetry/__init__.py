"""What a process says of itself: log lines, figures for Prometheus, traces (OP-2).

`logs` hides secrets; `figures` are plain numbers that a room counts where things happen; `page`
makes one page of the figures of all processes of an installation; `tracing` is there if a
collector's address is set, and is else not even imported.
"""

from frontdesk.telemetry.figures import Counter, Gauge, Spread
from frontdesk.telemetry.logs import configure, redact
from frontdesk.telemetry.page import (
    EXPOSITION_TYPE,
    METRICS_FOLDER,
    Publisher,
    exposition,
    forget_process,
    fresh_metrics_folder,
)

__all__ = [
    "EXPOSITION_TYPE",
    "METRICS_FOLDER",
    "Counter",
    "Gauge",
    "Publisher",
    "Spread",
    "configure",
    "exposition",
    "forget_process",
    "fresh_metrics_folder",
    "redact",
]
