from flask import Blueprint, Flask


class _Verbs:
    def register_api(self, api, **options):
        self.register_blueprint(api, **options)

    def register_api_view(self, api_view, url_prefix=None, **options):
        for rule, view in api_view.views:
            prefix = url_prefix if url_prefix is not None else api_view.url_prefix
            self.add_url_rule(__join__(prefix, rule), view.__name__, view.as_view(view.__name__))


class OpenAPI(_Verbs, Flask):
    pass


class APIBlueprint(_Verbs, Blueprint):
    pass


class APIView:
    def __init__(self, url_prefix=None, **options):
        self.url_prefix = url_prefix
        self.views = []

    def route(self, rule):
        def register(view):
            view.as_view = lambda name: __method_view__(view, name)
            self.views.append((rule, view))
            return view
        return register

    def doc(self, **options):
        return lambda view: view
