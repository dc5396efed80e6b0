"""What is known of an extension module: that it is there."""

from __ember__ import pure, unknown

load = pure("fast_ext.load")
connect = unknown("fast_ext.connect")
LIMIT = unknown("fast_ext.LIMIT")
Base = unknown("fast_ext.Base")
