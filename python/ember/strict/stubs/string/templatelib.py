"""Template strings."""

from _ember_types import GenericAlias


class _Constant:
    """Neither of the two classes has attributes that can be set."""

    def __setattr__(self, name, value):
        raise AttributeError("readonly attribute")

    def __delattr__(self, name):
        raise AttributeError("readonly attribute")


class Interpolation(_Constant):
    __match_args__ = ("value", "expression", "conversion", "format_spec")

    def __init__(self, value, expression="", conversion=None, format_spec=""):
        if conversion not in (None, "s", "r", "a"):
            raise ValueError("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'")
        self.__dict__.update(value=value, expression=expression, conversion=conversion, format_spec=format_spec)

    def __repr__(self):
        return f"Interpolation({self.value!r}, {self.expression!r}, {self.conversion!r}, {self.format_spec!r})"

    def __class_getitem__(cls, item):
        return GenericAlias(cls, item)


class Template(_Constant):
    def __init__(self, *parts):
        strings, interpolations, text = [], [], ""
        for part in parts:
            if isinstance(part, str):
                text += part
            elif isinstance(part, Interpolation):
                strings.append(text)
                interpolations.append(part)
                text = ""
            else:
                raise TypeError(f"Template.__new__ *args need to be of type 'str' or 'Interpolation', got {type(part).__name__}")
        self.__dict__.update(strings=(*strings, text), interpolations=tuple(interpolations))

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
