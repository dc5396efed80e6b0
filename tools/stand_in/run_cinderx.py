"""Start CinderX's JIT, then run the script named on the command line."""

import runpy
import sys
import warnings

warnings.simplefilter("ignore")
import cinderx.jit

cinderx.jit.auto()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
