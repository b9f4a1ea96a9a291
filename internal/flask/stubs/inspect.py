isclass = __isclass__
isfunction = __isfunction__


def getmembers(thing, predicate=None):
    found = [(name, getattr(thing, name)) for name in dir(thing)]
    if predicate is None:
        return found
    return [pair for pair in found if predicate(pair[1])]
