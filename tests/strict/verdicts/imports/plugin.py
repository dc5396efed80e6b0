"""Fills a table of another module."""

from registry import register


@register("buy")
def buy():
    pass
