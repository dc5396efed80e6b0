X = 1
import __strict__
