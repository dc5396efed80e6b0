"""Gets the name from what stands in the place of the module: that it raises is not certain."""

from replaced import anything
