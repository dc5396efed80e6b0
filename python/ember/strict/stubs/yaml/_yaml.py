"""The machine code of PyYAML: its classes."""

from __ember__ import Opaque, pure

get_version = pure("yaml._yaml.get_version")
get_version_string = pure("yaml._yaml.get_version_string")


class Mark(Opaque):
    pass


class CParser(Opaque):
    pass


class CEmitter(Opaque):
    pass
