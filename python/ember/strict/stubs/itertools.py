"""`itertools` in plain Python."""


class _Iterator:
    def __iter__(self):
        return self


class count(_Iterator):
    def __init__(self, start=0, step=1):
        if not hasattr(start, "__add__") or isinstance(start, (str, bytes, list, tuple)):
            raise TypeError("a number is required")
        self._next = start
        self._step = step

    def __next__(self):
        value = self._next
        self._next = value + self._step
        return value

    def __repr__(self):
        return f"count({self._next!r})" if self._step == 1 else f"count({self._next!r}, {self._step!r})"


class _Generated(_Iterator):
    _generator = None

    def __next__(self):
        return next(self._generator)


class cycle(_Generated):
    def __init__(self, iterable):
        def run():
            saved = []
            for item in iterable:
                yield item
                saved.append(item)
            while saved:
                yield from saved

        self._generator = run()


class repeat(_Iterator):
    def __init__(self, object, times=None):
        self._object = object
        self._left = None if times is None else max(times, 0)

    def __next__(self):
        if self._left is not None:
            if not self._left:
                raise StopIteration
            self._left -= 1
        return self._object

    def __length_hint__(self):
        if self._left is None:
            raise TypeError("len() of unsized object")
        return self._left

    def __repr__(self):
        return f"repeat({self._object!r})" if self._left is None else f"repeat({self._object!r}, {self._left})"


class chain(_Generated):
    def __init__(self, *iterables):
        self._generator = (item for iterable in iterables for item in iterable)

    @classmethod
    def from_iterable(cls, iterables):
        self = cls.__new__(cls)
        self._generator = (item for iterable in iterables for item in iterable)
        return self


class accumulate(_Generated):
    def __init__(self, iterable, func=None, *, initial=None):
        def run():
            iterator = iter(iterable)
            total = initial
            if initial is None:
                try:
                    total = next(iterator)
                except StopIteration:
                    return
            yield total
            for item in iterator:
                total = total + item if func is None else func(total, item)
                yield total

        self._generator = run()


class batched(_Generated):
    def __init__(self, iterable, n, *, strict=False):
        if n < 1:
            raise ValueError("n must be at least one")

        def run():
            iterator = iter(iterable)
            while batch := tuple(islice(iterator, n)):
                if strict and len(batch) != n:
                    raise ValueError("batched(): incomplete batch")
                yield batch

        self._generator = run()


class compress(_Generated):
    def __init__(self, data, selectors):
        self._generator = (item for item, selected in zip(data, selectors) if selected)


class dropwhile(_Generated):
    def __init__(self, predicate, iterable):
        def run():
            iterator = iter(iterable)
            for item in iterator:
                if not predicate(item):
                    yield item
                    break
            yield from iterator

        self._generator = run()


class takewhile(_Generated):
    def __init__(self, predicate, iterable):
        def run():
            for item in iterable:
                if not predicate(item):
                    return
                yield item

        self._generator = run()


class filterfalse(_Generated):
    def __init__(self, predicate, iterable):
        self._generator = (item for item in iterable if not (item if predicate is None else predicate(item)))


class groupby(_Generated):
    def __init__(self, iterable, key=None):
        # The group being read owns the iterator; going on to the next group takes it away from the one before.
        nothing = object()
        iterator = iter(iterable)
        mark = item = owner = nothing

        def advance():
            nonlocal mark, item
            item = next(iterator, nothing)
            if item is not nothing:
                mark = item if key is None else key(item)

        def members(token, wanted):
            while owner is token and item is not nothing and mark == wanted:
                yield item
                if owner is not token:
                    return
                advance()

        def run():
            nonlocal owner
            advance()
            while item is not nothing:
                owner, current = object(), mark
                yield current, members(owner, current)
                owner = nothing
                while item is not nothing and mark == current:
                    advance()

        self._generator = run()


class islice(_Generated):
    def __init__(self, iterable, *args):
        bounds = slice(*args)
        start = 0 if bounds.start is None else bounds.start
        stop, step = bounds.stop, 1 if bounds.step is None else bounds.step
        if stop is not None and not (hasattr(stop, "__index__") and stop >= 0):
            which = "Stop argument for islice()" if len(args) == 1 else "Indices for islice()"
            raise ValueError(f"{which} must be None or an integer: 0 <= x <= sys.maxsize.")
        if not (hasattr(start, "__index__") and start >= 0):
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
        if not (hasattr(step, "__index__") and step > 0):
            raise ValueError("Step for islice() must be a positive integer or None.")
        iterable = iter(iterable)

        def run():
            wanted = start
            if stop is not None and stop <= start:
                return
            for index, item in enumerate(iterable):
                if index == wanted:
                    yield item
                    wanted += step
                if stop is not None and (index + 1 >= stop or wanted >= stop):
                    return

        self._generator = run()


class pairwise(_Generated):
    def __init__(self, iterable):
        def run():
            iterator = iter(iterable)
            try:
                a = next(iterator)
            except StopIteration:
                return
            for b in iterator:
                yield a, b
                a = b

        self._generator = run()


class starmap(_Generated):
    def __init__(self, function, iterable):
        self._generator = (function(*args) for args in iterable)


class zip_longest(_Generated):
    def __init__(self, *iterables, fillvalue=None):
        nothing = object()
        iterators = [iter(iterable) for iterable in iterables]

        def run():
            while True:
                row = [next(iterator, nothing) for iterator in iterators]
                if all(item is nothing for item in row):
                    return
                yield tuple(fillvalue if item is nothing else item for item in row)

        self._generator = run()


class product(_Generated):
    def __init__(self, *iterables, repeat=1):
        pools = [tuple(pool) for pool in iterables] * repeat

        def run(at):
            if at == len(pools):
                yield ()
                return
            for item in pools[at]:
                for rest in run(at + 1):
                    yield (item, *rest)

        self._generator = run(0)


class permutations(_Generated):
    def __init__(self, iterable, r=None):
        pool = tuple(iterable)
        length = len(pool) if r is None else r
        if length < 0:
            raise ValueError("r must be non-negative")

        def run(used):
            if len(used) == length:
                yield tuple(pool[at] for at in used)
                return
            for at in range(len(pool)):
                if at not in used:
                    yield from run([*used, at])

        self._generator = run([])


class combinations(_Generated):
    def __init__(self, iterable, r):
        pool = tuple(iterable)
        if r < 0:
            raise ValueError("r must be non-negative")

        def run(start, chosen):
            if len(chosen) == r:
                yield tuple(pool[at] for at in chosen)
                return
            for at in range(start, len(pool)):
                yield from run(at + 1, [*chosen, at])

        self._generator = run(0, [])


class combinations_with_replacement(_Generated):
    def __init__(self, iterable, r):
        pool = tuple(iterable)
        if r < 0:
            raise ValueError("r must be non-negative")

        def run(start, chosen):
            if len(chosen) == r:
                yield tuple(pool[at] for at in chosen)
                return
            for at in range(start, len(pool)):
                yield from run(at, [*chosen, at])

        self._generator = run(0, [])


def tee(iterable, n=2):
    if n < 0:
        raise ValueError("n must be >= 0")
    iterator, seen = iter(iterable), []

    def run():
        at = 0
        while True:
            if at == len(seen):
                try:
                    seen.append(next(iterator))
                except StopIteration:
                    return
            yield seen[at]
            at += 1

    return tuple(run() for _ in range(n))
