# Connexion makes the routes out of an OpenAPI document, whose operations name their views.
# Names in double underscores are natives of the evaluator.


from flask import Blueprint, Flask


class FlaskApp(Flask):
    def __init__(self, import_name=None, specification_dir="", server_args=None, resolver=None, **options):
        Flask.__init__(self, import_name, static_folder=None)
        self.app = self
        self.specification_dir = specification_dir
        self.resolver = resolver

    def add_api(self, specification, base_path=None, resolver=None, **options):
        module = getattr(resolver or self.resolver, "module", "")
        for rule, methods, name, params in __openapi__(specification, self.specification_dir, base_path, module):
            view = __import_string__(name)
            self.add_url_rule(rule, __snake__("", name), view, methods=methods, all_params=params)
        return self


class FlaskApi:
    def __init__(self, specification, base_path=None, arguments=None, resolver=None, **options):
        self.blueprint = Blueprint(base_path or "/", __name__, url_prefix=base_path)
        module = getattr(resolver, "module", "")
        for rule, methods, name, params in __openapi__(specification, "", "", module):
            self.blueprint.add_url_rule(rule, __snake__("", name), __import_string__(name), methods=methods, all_params=params)


App = FlaskApp
AsyncApp = FlaskApp


class Resolver:
    def __init__(self, function_resolver=None):
        self.module = ""


class RestyResolver:
    def __init__(self, default_module_name, collection_endpoint_name="search"):
        self.module = default_module_name


MethodResolver = RestyResolver
MethodViewResolver = RestyResolver
