"""Cannot be imported either."""

from windows import handle
