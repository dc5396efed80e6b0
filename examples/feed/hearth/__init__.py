"""Hearth, a small social site: the project around the app `feed`."""
