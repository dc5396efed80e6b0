"""Takes the escapes out of a text.

`urllib.parse` makes its table of escapes when it is first needed. It is made of constants, and has a private name.
"""

from urllib.parse import unquote, unquote_to_bytes

assert unquote("a%20b") == "a b" and unquote_to_bytes("%ff") == b"\xff"
