"""`itertools` in plain Python."""


class _Iterator:
    def __iter__(self):
        return self


class count(_Iterator):
    def __init__(self, start=0, step=1):
        self._next = start
        self._step = step

    def __next__(self):
        value = self._next
        self._next = value + self._step
        return value

    def __repr__(self):
        return f"count({self._next})" if self._step == 1 else f"count({self._next}, {self._step})"


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


class repeat(_Generated):
    def __init__(self, object, times=None):
        def run():
            if times is None:
                while True:
                    yield object
            for _ in range(times):
                yield object

        self._generator = run()


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
        def run():
            group, current = [], None
            first = True
            for item in iterable:
                mark = item if key is None else key(item)
                if first or mark != current:
                    if not first:
                        yield current, iter(group)
                    group, current, first = [], mark, False
                group.append(item)
            if not first:
                yield current, iter(group)

        self._generator = run()


class islice(_Generated):
    def __init__(self, iterable, *args):
        bounds = slice(*args)
        start, stop, step = bounds.start or 0, bounds.stop, bounds.step or 1

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
        def run():
            lists = [list(iterable) for iterable in iterables]
            for index in range(max(map(len, lists), default=0)):
                yield tuple(items[index] if index < len(items) else fillvalue for items in lists)

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

        def run(start, chosen):
            if len(chosen) == r:
                yield tuple(pool[at] for at in chosen)
                return
            for at in range(start, len(pool)):
                yield from run(at, [*chosen, at])

        self._generator = run(0, [])


def tee(iterable, n=2):
    items = list(iterable)
    return tuple(iter(items) for _ in range(n))
