from dataclasses import dataclass, field
from enum import Enum
import logging
import re

log = logging.getLogger(__name__)
WORD = re.compile(r"\w+")


class State(Enum):
    NEW = 1
    OLD = 2


@dataclass
class Item:
    name: str
    state: State = State.NEW
    tags: list[str] = field(default_factory=list)
