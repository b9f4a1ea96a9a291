from flask import MethodView


class Resource(MethodView):
    method_decorators = []


class Api:
    def __init__(self, app=None, prefix="", default_mediatype=None, decorators=None, **options):
        self.prefix = prefix
        self.decorators = decorators if decorators else []
        self.resources = []
        self.app = None
        self.blueprint = None
        self.apps = []
        __api_made__(self)
        if app is not None:
            self.app = app
            self.init_app(app)

    def init_app(self, app, **options):
        self.app = app
        __later__(self.mount_all, app)

    def mount_all(self, app):
        self.mounted = True
        self.apps.append(app)
        for at, resource, urls, options in list(self.resources):
            __at__(at, self.mount_one, app, resource, urls, options)

    def mount_one(self, app, resource, urls, options):
        named = dict(options)
        endpoint = named.pop("endpoint", None)
        if endpoint is None:
            endpoint = resource.__name__.lower()
        named.pop("resource_class_args", None)
        named.pop("resource_class_kwargs", None)
        view = resource.as_view(endpoint)
        for decorate in self.decorators:
            view = decorate(view)
        for url in urls:
            app.add_url_rule(__join__(self.prefix, url), endpoint, view, **named)

    def add_resource(self, resource, *urls, **options):
        self.resources.append((__place__(), resource, urls, options))
        for app in self.apps:
            self.mount_one(app, resource, urls, options)

    def resource(self, *urls, **options):
        def register(resource):
            self.add_resource(resource, *urls, **options)
            return resource
        return register

    def representation(self, mediatype):
        return lambda function: function
