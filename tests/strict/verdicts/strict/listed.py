from frozen import *
