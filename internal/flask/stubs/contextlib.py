def contextmanager(function):
    return function


asynccontextmanager = contextmanager
