import os
import random
import time

HOME = os.environ["HOME"]
STARTED = time.time()
SEED = random.randint(1, 10)
