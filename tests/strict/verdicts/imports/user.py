"""Sees what the modules that it imports have done to each other."""

import plugin
from registry import HANDLERS, ORDER

buy = HANDLERS["buy"]
assert buy is plugin.buy and ORDER == ["buy"]
