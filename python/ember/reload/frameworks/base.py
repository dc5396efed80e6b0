"""What an adapter of a framework can say."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any

    from .._classes import Patch
    from .._plan import Plan, Work
    from .._source import Statement
    from .._transaction import Transaction


class Adapter:
    """Knows nothing."""

    #: The module whose import lets the adapter begin its work.
    trigger = ""

    def start(self, module: types.ModuleType) -> None:
        """The trigger was imported: put the framework's own reloader out of action."""

    def harmless(self, thing: Any) -> bool:
        """Whether calling, deriving from or decorating with `thing` only makes something."""
        return False

    def transparent(self, decorator: Any) -> bool:
        """Whether a decorator, or what makes one, keeps the function and has not looked at its signature."""
        return False

    def readable(self, holder: Any, attribute: str) -> bool:
        """Whether reading an attribute of an object has no effects."""
        return False

    def class_change(self, patch: Patch) -> None:
        """Raise `Refused` if this class cannot be changed in place."""

    def check(self, plan: Plan) -> None:
        """Raise `Refusal` if the plan as a whole cannot be carried out."""

    def order_is_free(self, work: Work, statement: Statement) -> bool:
        """Whether a new statement may run after those that it stands before."""
        return False

    def before_run(self, work: Work, statement: Statement) -> None:
        """A statement is about to run again."""

    def after(self, plan: Plan, work: Transaction) -> None:
        """Everything is done: clear what the framework keeps."""

    def folders(self) -> list[str]:
        """Folders with other files to watch."""
        return []

    def other_file(self, path: str) -> bool | None:
        """A file that is no module was saved: whether that has been dealt with; None if it means nothing here."""
        return None


def module_of(thing: Any) -> str:
    """The module in which something was made."""
    thing = getattr(thing, "func", thing) if type(thing).__name__ == "partial" else thing
    home = getattr(thing, "__module__", None)
    return home if isinstance(home, str) else ""
