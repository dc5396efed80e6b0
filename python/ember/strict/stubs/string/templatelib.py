"""Template strings."""

from _ember_types import GenericAlias


class Interpolation:
    __match_args__ = ("value", "expression", "conversion", "format_spec")

    def __init__(self, value, expression="", conversion=None, format_spec=""):
        self.value = value
        self.expression = expression
        self.conversion = conversion
        self.format_spec = format_spec

    def __repr__(self):
        return f"Interpolation({self.value!r}, {self.expression!r}, {self.conversion!r}, {self.format_spec!r})"

    def __class_getitem__(cls, item):
        return GenericAlias(cls, item)


class Template:
    def __init__(self, *parts):
        strings, interpolations, text = [], [], ""
        for part in parts:
            if isinstance(part, str):
                text += part
            else:
                strings.append(text)
                interpolations.append(part)
                text = ""
        self.strings = (*strings, text)
        self.interpolations = tuple(interpolations)

    @property
    def values(self):
        return tuple(part.value for part in self.interpolations)

    def __iter__(self):
        for text, part in zip(self.strings, (*self.interpolations, None)):
            if text:
                yield text
            if part is not None:
                yield part

    def __add__(self, other):
        return Template(*self, *other)

    def __repr__(self):
        return f"Template(strings={self.strings!r}, interpolations={self.interpolations!r})"


def convert(obj, conversion):
    return {None: lambda x: x, "s": str, "r": repr, "a": ascii}[conversion](obj)
