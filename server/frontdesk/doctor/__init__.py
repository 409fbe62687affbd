"""What is wrong with an installation, in words, with what to do about it. It changes nothing.

`machine`, `folder`, `network`, `redis_server` and `database` look at one thing each and yield
findings; `examine` asks them all. A look that itself fails is a finding, too; `reaching` has its
words for a server that doesn't let us in.
"""

from frontdesk.doctor.examination import examine
from frontdesk.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
