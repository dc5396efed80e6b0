"""Sees nothing of what another module has combined."""

import flags
from shared import Access

assert [*Access.__members__] == ["READ", "WRITE", "RUN"] and 3 in Access and 8 not in Access
assert Access(3) == flags.BOTH
