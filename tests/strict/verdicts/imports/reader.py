"""Depends on what another module took from outside."""

from settings import DEBUG

if DEBUG:
    print("debugging")
