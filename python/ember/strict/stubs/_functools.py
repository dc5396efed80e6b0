"""`functools`: what is machine code there. Caches do not cache here, so that a call of another module's function changes nothing."""

_CacheInfo = None


def reduce(function, sequence, *initial):
    iterator = iter(sequence)
    if initial:
        value = initial[0]
    else:
        try:
            value = next(iterator)
        except StopIteration:
            raise TypeError("reduce() of empty iterable with no initial value") from None
    for item in iterator:
        value = function(value, item)
    return value


def cmp_to_key(mycmp):
    class K:
        __slots__ = ["obj"]

        def __init__(self, obj):
            self.obj = obj

        def __lt__(self, other):
            return mycmp(self.obj, other.obj) < 0

        def __gt__(self, other):
            return mycmp(self.obj, other.obj) > 0

        def __eq__(self, other):
            return mycmp(self.obj, other.obj) == 0

        def __le__(self, other):
            return mycmp(self.obj, other.obj) <= 0

        def __ge__(self, other):
            return mycmp(self.obj, other.obj) >= 0

        __hash__ = None

    return K


class _PlaceholderType:
    def __repr__(self):
        return "functools.Placeholder"


Placeholder = _PlaceholderType()


class partial:
    def __new__(cls, func, /, *args, **keywords):
        if not callable(func):
            raise TypeError("the first argument must be callable")
        if isinstance(func, partial):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self = object.__new__(cls)
        self.func = func
        self.args = args
        self.keywords = keywords
        return self

    def __init__(self, *args, **keywords):
        pass

    def __call__(self, /, *args, **keywords):
        given = list(args)
        own = [given.pop(0) if arg is Placeholder else arg for arg in self.args]
        return self.func(*own, *given, **{**self.keywords, **keywords})

    def __get__(self, obj, objtype=None):
        if obj is None:
            return self
        return __ember_type__("method")(self, obj)

    def __repr__(self):
        parts = [repr(self.func), *(repr(arg) for arg in self.args)]
        parts += [f"{key}={value!r}" for key, value in self.keywords.items()]
        return f"functools.partial({', '.join(parts)})"

    def __class_getitem__(cls, item):
        from _ember_types import GenericAlias

        return GenericAlias(cls, item)


partial.__module__ = "functools"


class _lru_cache_wrapper:
    """Results are kept while the module that made the function is imported; others compute them anew, which nobody can see."""

    def __init__(self, user_function, maxsize, typed, cache_info_type):
        self.__wrapped__ = user_function
        self._info = cache_info_type
        self._maxsize = maxsize
        self._typed = typed
        self._results = {}
        self._hits = self._misses = 0

    def __call__(self, /, *args, **kwargs):
        values = (*args, *kwargs.values())
        if not __ember_owned__(self) or any(map(__ember_is_unknown__, values)):
            return self.__wrapped__(*args, **kwargs)
        key = (args, tuple(kwargs.items()), tuple(map(type, values)) if self._typed else None)
        if key in self._results:
            self._hits += 1
            result = self._results[key] = self._results.pop(key)
            return result
        result = self.__wrapped__(*args, **kwargs)
        self._misses += 1
        if self._maxsize is not None and len(self._results) >= self._maxsize:
            if not self._results:
                return result
            del self._results[next(iter(self._results))]
        self._results[key] = result
        return result

    def __get__(self, obj, objtype=None):
        if obj is None:
            return self
        return __ember_type__("method")(self, obj)

    def cache_info(self):
        return self._info(self._hits, self._misses, self._maxsize, len(self._results))

    def cache_clear(self):
        if __ember_owned__(self):
            self._results.clear()
            self._hits = self._misses = 0

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


_lru_cache_wrapper.__module__ = "functools"
