"""``python -m ember ab``: which of two ways of serving the same thing costs less, and how sure is that?

    python -m ember ab --a "gunicorn -b {address} app:site" --b "EMBER=auto gunicorn -b {address} app:site" --traffic traffic.toml

Two servers are driven with the same requests in turns until the ratio of their processor time a request is known as
narrowly as asked, or the time is over. Every answer is checked. From a program: `compare(Plan(…))`; what is asked of a
site can be recorded from it by `record.Recorder`.
"""

from __future__ import annotations

from .measure import Comparison, Plan, Result, Side
from .servers import Server, ServerError, Spec
from .traffic import Request, Traffic, TrafficError, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Plan", "Request", "Result", "Server", "ServerError", "Side", "Spec", "Traffic", "TrafficError", "compare", "load"]


def compare(plan: Plan, say: Callable[[str], None] = lambda text: None) -> Result:
    """Make a comparison; `say` is told how it goes. Raises `ServerError` when a server does not start or goes away."""
    return Comparison(plan, say).run()
