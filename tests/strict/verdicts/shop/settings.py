import os

DEBUG = os.environ.get("DEBUG") == "1"
if DEBUG:
    LEVEL = 10
else:
    LEVEL = 20
