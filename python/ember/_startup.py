"""What ``ember.pth`` imports when the variable ``EMBER`` is set: turn Ember on before the program begins.

It must never keep an interpreter from starting: whatever is wrong is said in one line and left.
"""

import os
import sys


def start() -> None:
    """Turn Ember on as the environment says."""
    if sys.flags.ignore_environment:
        return
    from . import _control

    mode = os.environ.get("EMBER", "")
    try:
        if _control.parse_mode(mode)[0] != "off":
            _control.enable(mode)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"ember: stays off: EMBER={mode}: {error}\n")


start()
