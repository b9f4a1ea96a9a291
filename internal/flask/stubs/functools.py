wraps = __wraps__
partial = __partial__
cached_property = __property__


def update_wrapper(wrapper, wrapped, *args, **kwargs):
    return __wraps__(wrapped)(wrapper)


def lru_cache(*args, **kwargs):
    if args and callable(args[0]):
        return args[0]
    return lambda function: function


cache = lru_cache
