"""Does not import the plugin, and does not see what it has done."""

from registry import HANDLERS

assert not HANDLERS
