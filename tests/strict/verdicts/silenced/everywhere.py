import os

HOME = os.environ["HOME"]
print(HOME)
