"""Changes what others combine: that is an effect, whatever is kept besides."""

from shared import Access

Access.READ.label = "may be read"
