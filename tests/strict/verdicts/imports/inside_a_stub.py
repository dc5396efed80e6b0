# The package is a stub, and has a package inside that is one; what is in that and is none is found all the same.
import importlib.metadata._meta
import importlib.metadata as metadata

ERROR = metadata.PackageNotFoundError("nothing")
