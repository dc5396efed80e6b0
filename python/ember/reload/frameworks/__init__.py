"""What is known of frameworks: their reloaders, what they keep of modules, what cannot be changed under them.

An adapter does nothing until its framework is imported.
"""

from __future__ import annotations

from .base import Adapter


def all_adapters() -> list[Adapter]:
    """One of each."""
    from .django import Django
    from .flask import Flask, Werkzeug
    from .uvicorn import Uvicorn

    return [Django(), Werkzeug(), Flask(), Uvicorn()]


__all__ = ["Adapter", "all_adapters"]
