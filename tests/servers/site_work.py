"""What the site computes; the test computes it, too."""

import hashlib

DATA = {f"key {i}": [i, str(i), {"square": i * i}] for i in range(2000)}


class Shape:
    def __init__(self, sides):
        self.sides = sides

    def area(self):
        return sum(side * index for index, side in enumerate(self.sides))


SHAPES = [Shape(list(range(n))) for n in range(50)]


def work(n):
    text = [f"{key}:{value[0] + n}:{value[2]['square']}" for key, value in DATA.items() if value[0] % 7 == n % 7]
    total = sum(shape.area() for shape in SHAPES)
    return hashlib.sha256(("|".join(text) + str(total)).encode()).hexdigest()


def slow_warmup():
    """Takes a while, as loading caches does."""
    import time

    time.sleep(1.5)
    for n in range(20):
        work(n)
