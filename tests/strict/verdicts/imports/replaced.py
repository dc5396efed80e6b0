"""Another module puts something in its place, which has more names than it."""

from replacing import replace


class Names:
    def __getattr__(self, name):
        return name


replace(__name__, Names())
