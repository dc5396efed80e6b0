"""Raises for sure: nothing stands in the place of the module."""

from mentions import nothing
