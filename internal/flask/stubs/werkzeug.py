class Rule:
    def __init__(self, string, defaults=None, subdomain=None, methods=None, build_only=False, endpoint=None, **options):
        self.rule = string
        self.methods = methods
        self.endpoint = endpoint


class Submount:
    def __init__(self, path, rules):
        self.path = path
        self.rules = rules


def import_string(name, silent=False):
    return __import_string__(name)


cached_property = __property__
