from flask import Blueprint, Flask


class _Verbs:
    def register_api(self, api, **options):
        self.register_blueprint(api, **options)

    def register_api_view(self, api_view, url_prefix=None, **options):
        for rule, view in api_view.views:
            prefix = url_prefix if url_prefix is not None else api_view.url_prefix
            for name, method in __own_methods__(view):
                if name in ("get", "post", "put", "patch", "delete"):
                    endpoint = view.__name__ + "." + name
                    self.add_url_rule(__join__(prefix, rule), endpoint, __method_view__(view, endpoint), methods=[name])


class OpenAPI(_Verbs, Flask):
    def __init__(self, import_name=None, doc_ui=True, doc_prefix="/openapi", doc_url="/openapi.json", **options):
        super().__init__(import_name, static_folder=options.get("static_folder", "static"), static_url_path=options.get("static_url_path"))
        if doc_ui:
            docs = Blueprint("openapi", __name__, url_prefix=doc_prefix, static_folder="static")
            docs.add_url_rule(doc_url, "doc_url", __library_view__("flask_openapi3.OpenAPI.api_doc"))
            docs.add_url_rule("/", "openapi", __library_view__("flask_openapi3.openapi.html"))
            self.register_blueprint(docs)


class APIBlueprint(_Verbs, Blueprint):
    pass


class APIView:
    def __init__(self, url_prefix=None, **options):
        self.url_prefix = url_prefix
        self.views = []

    def route(self, rule):
        def register(view):
            self.views.append((rule, view))
            return view
        return register

    def doc(self, **options):
        return lambda view: view
