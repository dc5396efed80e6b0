"""The machine code of MarkupSafe does what its Python code does."""

from markupsafe._native import _escape_inner
