"""Where certifi's file of certificates is: extracted at the first call if the package is in an archive, and removed at exit."""

from __ember__ import pure

contents = pure("certifi.contents")
where = pure("certifi.where")
