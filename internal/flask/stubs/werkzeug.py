class Rule:
    def __init__(self, string, defaults=None, subdomain=None, methods=None, build_only=False, endpoint=None, **options):
        self.rule = string
        self.methods = methods
        self.endpoint = endpoint
        self.options = {}
        if methods is not None:
            self.options["methods"] = methods
        if subdomain is not None:
            self.options["subdomain"] = subdomain
        if "host" in options:
            self.options["host"] = options["host"]


class Submount:
    def __init__(self, path, rules):
        self.path = path
        self.rules = rules


def import_string(name, silent=False):
    return __import_string__(name)


cached_property = __property__
