class chain:
    def __init__(self, *lists):
        self.all = [x for one in lists for x in one]

    def __iter__(self):
        return self.all

    @staticmethod
    def from_iterable(lists):
        return [x for one in lists for x in one]


def product(first, *rest):
    out = [(x,) for x in first]
    for more in rest:
        out = [row + (x,) for row in out for x in more]
    return out


def starmap(function, rows):
    return [function(*row) for row in rows]
