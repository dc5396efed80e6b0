import settings

print("loading")
CONFIG = open("config.ini").read()  # ember: ignore[EMB112]
LEVEL = settings.LEVEL
