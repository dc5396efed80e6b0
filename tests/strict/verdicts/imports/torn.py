"""No source of Python: importing it raises."""

TABLE = (
