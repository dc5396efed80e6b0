"""`importlib.metadata`: what it says is read from the files of what is installed."""

import pathlib
from importlib.abc import MetaPathFinder

from __ember__ import ENVIRONMENT, Opaque, effect

__all__ = ["Distribution", "DistributionFinder", "PackageMetadata", "PackageNotFoundError", "distribution", "distributions"]
__all__ += ["entry_points", "files", "metadata", "packages_distributions", "requires", "version"]


class PackageNotFoundError(ModuleNotFoundError):
    def __str__(self):
        return f"No package metadata was found for {self.name}"

    @property
    def name(self):
        (name,) = self.args
        return name


class PackageMetadata(Opaque):
    pass


class EntryPoint(Opaque):
    pass


class EntryPoints(tuple):
    __slots__ = ()


class PackagePath(pathlib.PurePosixPath):
    pass


class Distribution(Opaque):
    pass


class PathDistribution(Distribution):
    pass


class DistributionFinder(MetaPathFinder):
    pass


class MetadataPathFinder(DistributionFinder):
    pass


distribution = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.distribution()")
distributions = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.distributions()")
entry_points = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.entry_points()")
files = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.files()")
metadata = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.metadata()")
packages_distributions = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.packages_distributions()")
requires = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.requires()")
version = effect("reads what is installed", ENVIRONMENT, "importlib.metadata.version()")
