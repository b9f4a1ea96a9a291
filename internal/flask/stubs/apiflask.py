from flask import Blueprint, Flask


class _Typed:
    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        if __isclass__(view_func):
            view_func = view_func.as_view(endpoint or view_func.__name__)
        super().add_url_rule(rule, endpoint, view_func, **options)


class APIFlask(_Typed, Flask):
    def __init__(self, import_name=None, title="APIFlask", version="0.1.0", spec_path="/openapi.json", docs_path="/docs",
                 docs_oauth2_redirect_path="/docs/oauth2-redirect", docs_ui="swagger-ui", **options):
        super().__init__(import_name, **options)
        if spec_path:
            self.add_url_rule(spec_path, "openapi.spec", __library_view__("apiflask.APIFlask.spec"))
        if docs_path:
            self.add_url_rule(docs_path, "openapi.docs", __library_view__("apiflask.APIFlask.docs"))
            if docs_ui == "swagger-ui" and docs_oauth2_redirect_path:
                self.add_url_rule(docs_oauth2_redirect_path, "openapi.swagger_ui_oauth_redirect", __library_view__("apiflask.APIFlask.docs"))


class APIBlueprint(_Typed, Blueprint):
    pass
