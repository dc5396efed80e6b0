import collections

int.double = lambda self: self * 2
