from flask import Blueprint, MethodView


class Resource(MethodView):
    library_methods = []


class ResourceList(Resource):
    library_methods = ["GET", "POST"]


class ResourceDetail(Resource):
    library_methods = ["GET", "PATCH", "DELETE"]


class ResourceRelationship(Resource):
    library_methods = ["GET", "POST", "PATCH", "DELETE"]


class Api:
    def __init__(self, app=None, blueprint=None, decorators=None):
        if isinstance(app, Blueprint):
            app, blueprint = None, app
        self.app = app
        self.blueprint = blueprint
        self.decorators = decorators if decorators else []
        self.resources = []

    def init_app(self, app=None, blueprint=None, additional_blueprints=None):
        if app is not None:
            self.app = app
        if blueprint is not None:
            self.blueprint = blueprint
        for at, resource, view, urls, options in self.resources:
            __at__(at, self.mount_one, self.blueprint or self.app, resource, view, urls, options)
        self.resources = []
        if self.blueprint is not None and self.app is not None:
            self.app.register_blueprint(self.blueprint)
        for extra in additional_blueprints or []:
            self.app.register_blueprint(extra)

    def route(self, resource, view, *urls, **options):
        place = options.get("blueprint", self.blueprint or self.app)
        if place is None:
            self.resources.append((__place__(), resource, view, urls, options))
        else:
            self.mount_one(place, resource, view, urls, options)

    def mount_one(self, place, resource, view, urls, options):
        named = options.get("url_rule_options") or {}
        function = resource.as_view(view)
        for decorate in self.decorators:
            function = decorate(function)
        for url in urls:
            place.add_url_rule(url, view, function, **named)
