import owner
from owner import NAMES, NUMBERS, SEEN, TABLE, Base

TABLE["foreign"] = 1
NAMES.append("foreign")
SEEN.add("foreign")
Base.count += 1
owner.EXTRA = 1
del owner.numbers
FIRST = next(NUMBERS)


class Child(Base):
    pass
