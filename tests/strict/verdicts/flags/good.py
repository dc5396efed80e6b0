"""A strict module."""

from __future__ import annotations

import __strict__

X = 1
