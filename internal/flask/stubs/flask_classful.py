def route(rule, **options):
    def note(view):
        return __noted__(view, (rule, options))
    return note


def method(name, **options):
    def note(view):
        if not getattr(view, "http_methods", None):
            view.http_methods = []
        view.http_methods.append(name)
        return view
    return note


class FlaskView:
    route_base = None
    route_prefix = None
    trailing_slash = True
    method_dashified = False
    inspect_args = True
    base_args = []
    default_methods = ["GET"]
    decorators = []
    excluded_methods = []

    @classmethod
    def register(cls, app, route_base=None, subdomain=None, route_prefix=None, trailing_slash=None,
                 method_dashified=None, base_class=None, init_argument=None, **options):
        base = route_base or cls.route_base
        if base is None:
            name = cls.__name__
            base = __snake__("", name[:-4] if name.endswith("View") else name).replace("_", "-")
        prefix = route_prefix or cls.route_prefix
        slash = trailing_slash if trailing_slash is not None else cls.trailing_slash
        dashed = method_dashified if method_dashified is not None else cls.method_dashified
        base = __join__(prefix, "/" + base.strip("/"))
        if subdomain is not None:
            options["subdomain"] = subdomain
        library = [name for name, view in __own_methods__(base_class)] if base_class is not None else []
        for name, view in __own_methods__(cls):
            if name.startswith(("_", "before_", "after_")) or name in cls.excluded_methods or name in library:
                continue
            if name in ("register", "make_proxy_method", "build_rule", "build_route_name", "get_route_base",
                        "default_route_base", "parse_options"):
                continue
            endpoint = cls.__name__ + ":" + name
            http_methods = getattr(view, "http_methods", None) or cls.default_methods
            notes = __notes__(view)
            parts = __required__(view) if cls.inspect_args else []
            for decorate in reversed(cls.decorators):
                view = decorate(view)
            if notes:
                number = 0
                for rule, named in notes:
                    wanted = dict(named)
                    own = wanted.pop("endpoint", endpoint if len(notes) == 1 else endpoint + "_" + str(number))
                    if subdomain is not None:
                        wanted["subdomain"] = subdomain
                    app.add_url_rule(__join__(base, rule), own, view, **wanted)
                    number = number + 1
                continue
            rest = "".join(["/" + part for p, part in parts
                            if p not in cls.base_args and "<" + p + ">" not in base and ":" + p + ">" not in base])
            if name in ("get", "put", "patch", "post", "delete"):
                methods = [name.upper()]
                rule = rest
            elif name == "index":
                methods = ["GET"]
                rule = rest
            else:
                methods = http_methods
                rule = "/" + (name.replace("_", "-") if dashed else name) + rest
            if slash:
                rule = rule + "/"
            rule = __join__(base, rule)
            if not slash and rule != "/":
                rule = rule.rstrip("/")
            app.add_url_rule(rule, endpoint, view, methods=methods, **options)
