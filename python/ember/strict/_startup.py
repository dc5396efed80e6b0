"""What ``ember.pth`` imports when the variable ``EMBER_STRICT`` is set: turn the loader of strict modules on before the program begins.

It must never keep an interpreter from starting: whatever is wrong is said in one line and left.
"""

import os
import sys


def start() -> None:
    """Turn the loader on as the environment says."""
    value = os.environ.get("EMBER_STRICT", "").strip().lower()
    if sys.flags.ignore_environment or value in ("", "0", "off"):
        return
    if value not in ("1", "on"):
        sys.stderr.write(f"ember: strict modules stay off: EMBER_STRICT={value}: it must be 1 or 0\n")
        return
    from . import _loader

    _loader.install()


start()
