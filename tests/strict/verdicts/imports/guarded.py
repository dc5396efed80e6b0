"""Can do without."""

import re

try:
    import windows
except ImportError:
    windows = None

if re.fullmatch(r"(\d+)\.(\d+)", "3.14").groups() != ("3", "14"):
    print("never")
