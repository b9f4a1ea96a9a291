from flask import MethodView


class Resource(MethodView):
    method_decorators = []


class Namespace:
    def __init__(self, name, description=None, path=None, decorators=None, **options):
        self.name = name
        self.path = path if path is not None else "/" + name
        self.decorators = decorators if decorators else []
        self.resources = []
        self.mounts = []
        __namespace_made__(self)

    def add_resource(self, resource, *urls, **options):
        self.resources.append((__place__(), resource, urls, options))
        for api, app, base, name, decorators in self.mounts:
            api.mount_one(app, base, name, resource, urls, options, decorators)

    def route(self, *urls, **options):
        def register(resource):
            options.pop("doc", None)
            self.add_resource(resource, *urls, **options)
            return resource
        return register

    def errorhandler(self, error):
        return lambda handler: handler


class Api(Namespace):
    def __init__(self, app=None, version="1.0", title=None, description=None, prefix="", doc="/", decorators=None,
                 default="default", **options):
        self.prefix = prefix
        self.doc_path = doc
        self.name = "api"
        self.decorators = decorators if decorators else []
        self.resources = []
        self.mounts = []
        self.apps = []
        self.namespaces = []
        self.default_namespace = self
        self.endpoints = []
        self.app = None
        __api_made__(self)
        if app is not None:
            self.init_app(app)

    def init_app(self, app, **options):
        self.app = app
        __later__(self.mount_all, app, options.get("prefix", self.prefix))

    def mount_all(self, app, prefix=""):
        self.mounted = True
        if self.doc_path:
            app.add_url_rule(self.doc_path, "doc", __library_view__("flask_restx.Api.render_doc"))
        app.add_url_rule(prefix or "/", "root", __library_view__("flask_restx.Api.render_root"))
        __app_of__(app).add_url_rule("/swaggerui/<path:filename>", "restx_doc.static", __library_view__("flask_restx.apidoc.static"))
        app.add_url_rule(__join__(prefix, "/swagger.json"), "specs", __library_view__("flask_restx.apidoc.Specs"))
        self.apps.append((app, prefix))
        self.mount(self, app, prefix, "", self.decorators)
        for ns, path in list(self.namespaces):
            self.mount_namespace(ns, path, app, prefix)

    def mount_namespace(self, ns, path, app, prefix):
        ns.mounted = True
        base = path if path is not None else ns.path
        self.mount(ns, app, __join__(prefix, base), ns.name, self.decorators + ns.decorators)

    def mount(self, ns, app, base, name, decorators):
        ns.mounts.append((self, app, base, name, decorators))
        for at, resource, urls, options in list(ns.resources):
            __at__(at, self.mount_one, app, base, name, resource, urls, options, decorators)

    def mount_one(self, app, base, name, resource, urls, options, decorators):
        named = dict(options)
        endpoint = named.pop("endpoint", None)
        if endpoint is None:
            endpoint = __snake__(name, resource.__name__)
            number = 2
            while endpoint in self.endpoints:
                endpoint = __snake__(name, resource.__name__) + "_" + str(number)
                number = number + 1
        self.endpoints.append(endpoint)
        named.pop("resource_class_args", None)
        named.pop("resource_class_kwargs", None)
        named.pop("doc", None)
        view = resource.as_view(endpoint)
        for decorate in decorators:
            view = decorate(view)
        for url in urls:
            # Paths of namespaces are put in front as they are: "/token" and "user/<email>" make "/tokenuser/<email>".
            rule = base + url if name and url and not url.startswith("/") else __join__(base, url)
            app.add_url_rule(rule, endpoint, view, **named)

    def add_namespace(self, ns, path=None):
        self.namespaces.append((ns, path))
        for app, prefix in self.apps:
            self.mount_namespace(ns, path, app, prefix)

    def namespace(self, *args, **options):
        ns = Namespace(*args, **options)
        self.add_namespace(ns)
        return ns
