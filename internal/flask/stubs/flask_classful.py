def route(rule, **options):
    def note(view):
        return __noted__(view, (rule, options))
    return note


class FlaskView:
    route_base = None
    route_prefix = None
    trailing_slash = True
    decorators = []
    excluded_methods = []

    @classmethod
    def register(cls, app, route_base=None, subdomain=None, route_prefix=None, trailing_slash=None, **options):
        base = route_base if route_base is not None else cls.route_base
        if base is None:
            name = cls.__name__
            base = (name[:-4] if name.endswith("View") else name).lower()
        prefix = route_prefix if route_prefix is not None else cls.route_prefix
        slash = trailing_slash if trailing_slash is not None else cls.trailing_slash
        special = {"index": ("GET", ""), "get": ("GET", None), "post": ("POST", ""), "put": ("PUT", None),
                   "patch": ("PATCH", None), "delete": ("DELETE", None)}
        for name, view in __own_methods__(cls):
            if name.startswith("_") or name in cls.excluded_methods:
                continue
            endpoint = cls.__name__ + ":" + name
            for decorate in cls.decorators:
                view = decorate(view)
            notes = __notes__(view)
            if notes:
                for rule, named in notes:
                    wanted = dict(named)
                    app.add_url_rule(__join__(prefix, __join__("/" + base.strip("/"), rule)), wanted.pop("endpoint", endpoint), view, **wanted)
                continue
            rest = "".join(["/<" + p + ">" for p in __params__(view)])
            if name in special:
                method, _ = special[name]
                rule = rest
            else:
                method, rule = "GET", "/" + name + rest
            if slash:
                rule = rule + "/"
            app.add_url_rule(__join__(prefix, __join__("/" + base.strip("/"), rule)), endpoint, view, methods=[method])
