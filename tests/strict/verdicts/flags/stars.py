import __strict__
from good import *
