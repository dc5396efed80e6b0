import __strict__

X = 2
