"""Combines another module's flags.

The combination is kept in the class's `_value2member_map_`. Nobody can tell: whoever combines the same flags gets an equal
object, whether it is kept from before or made then; `list`, `len` and `__members__` do not have it; and `in` looks at the value.
"""

from shared import Access

BOTH = Access.READ | Access.WRITE
ALL = ~Access(0)
assert BOTH == Access(3) and len(Access) == 3 and BOTH.name == "READ|WRITE"
