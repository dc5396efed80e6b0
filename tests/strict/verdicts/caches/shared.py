"""Flags that others combine."""

import enum


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4
