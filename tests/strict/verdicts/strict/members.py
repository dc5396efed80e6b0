import __strict__
from __strict__ import strict_slots


@strict_slots
class Account:
    balance: int = 0
    owner: str

    def __init__(self, owner):
        self.owner = owner
        self.balance = 0


@strict_slots
class Clear:
    LIMIT = 10
    size: int

    def __init__(self, size):
        self.size = size
