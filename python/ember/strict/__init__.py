"""Strict modules: stubs and settings of the analyser behind ``python -m ember check``.

`stubs` holds a plain Python file for each module whose source is machine code, or whose import does what only the
interpreter may do. A project adds its own folder with ``stubs = ["…"]`` in ``[tool.ember.strict]``.
"""
