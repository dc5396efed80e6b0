"""What is executed while the modules around it wait.

In mode *safe* an import can wait although it would execute modules with effects: those are executed where its statement stands (`make`). And a module that looks at
all of `sys.modules` finds there what it would find if nothing waited in the packages that it imports (`before_looking`).
"""

from __future__ import annotations

import sys

from . import _verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def make(module: str, names: tuple[str, ...] | None, importer: Callable[[str], Any]) -> bool:
    """Execute the modules with effects that importing `module` (`names` from it) would execute; whether all could be."""
    for name in _verdicts.planner().effects(module, names):
        if name not in sys.modules:
            try:
                importer(name)
            except Exception:
                # The statement itself will tell, if nobody in between takes care of it.
                return False
    return True


def before_looking(module: str) -> None:
    """`module` is going to be executed: if it looks at all of `sys.modules`, have the packages that it imports complete."""
    imports = _verdicts.planner().looks(module)
    if imports is None:
        return
    from . import _names

    own = module.partition(".")[0]
    packages = {name.partition(".")[0] for name in imports} - sys.stdlib_module_names - {own}
    for package in sorted(packages):
        try:
            __import__(package)
        except ImportError:
            continue
    _names.resolve_within(packages)
