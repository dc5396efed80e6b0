"""An exception that passes through a function of another module."""

from helper import need

VALUE = need({}, "name")
