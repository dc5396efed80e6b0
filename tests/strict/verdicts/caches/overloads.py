"""Has overloads.

`typing` keeps them under the name of the module and of the function: `get_overloads` gives them to those only who have the function,
and so import this module.
"""

import typing


@typing.overload
def parse(text: str) -> str: ...
@typing.overload
def parse(text: bytes) -> bytes: ...
def parse(text):
    return text


assert len(typing.get_overloads(parse)) == 2
