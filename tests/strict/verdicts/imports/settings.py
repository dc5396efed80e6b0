"""Takes something from outside."""

import os

DEBUG = os.environ.get("DEBUG")
