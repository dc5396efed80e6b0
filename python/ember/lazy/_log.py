"""What lazy imports did: counts for everybody, and the order and time of imports for `report`, if it asked for that."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: How many names were put off and how many of them resolved.
totals = {"put off": 0, "resolved": 0}
#: Why imports were not put off, and how often.
eager: dict[str, int] = {}
#: Called with what happens: ("put off" | "begin" | "end", module, name, what it stands for).
listener: Callable[[str, str, str, Any], None] | None = None


def count(reason: str, number: int = 1) -> None:
    """An import was not put off."""
    eager[reason] = eager.get(reason, 0) + number


def put_off(names: Any, target: str, lazy: Any) -> None:
    """A name was put off."""
    totals["put off"] += 1
    if listener is not None:
        listener("put off", names.module.__name__, target, lazy)


def begin(names: Any, target: str, lazy: Any) -> None:
    """A name is being resolved."""
    if listener is not None:
        listener("begin", names.module.__name__, target, lazy)


def end(names: Any, target: str, lazy: Any) -> None:
    """It is, or that failed."""
    totals["resolved"] += 1
    if listener is not None:
        listener("end", names.module.__name__, target, lazy)
