"""Uses a template.

The pattern of the class is made when it is first asked for. It follows from attributes of the class, which nobody changes without
an effect, so that it is the same whoever asks first.
"""

import string

GREETING = string.Template("Hello $name").substitute(name="you")
assert GREETING == "Hello you"


class Percent(string.Template):
    delimiter = "%"


assert Percent("%a $b").substitute(a=1) == "1 $b"
