class _Environ:
    def get(self, key, default=None):
        return __env__(key, default)

    def setdefault(self, key, default=None):
        return __env__(key, default)

    def __getitem__(self, key):
        return __env__(key, __unknown__())


environ = _Environ()


def getenv(key, default=None):
    return __env__(key, default)


def join(first, *parts):
    for part in parts:
        first = part if part.startswith("/") else first.rstrip("/") + "/" + part
    return first
