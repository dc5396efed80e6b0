"""For another platform."""

import sys

if sys.platform != "win32":
    raise ImportError("for Windows only")
