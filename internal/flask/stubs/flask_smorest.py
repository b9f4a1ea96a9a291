from flask import Blueprint as FlaskBlueprint
from flask import View


class Blueprint(FlaskBlueprint):
    def __init__(self, *args, **options):
        self.description = options.pop("description", "")
        super().__init__(*args, **options)

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        options.pop("parameters", None)
        options.pop("tags", None)
        if __isclass__(view_func):
            view_func = view_func.as_view(endpoint or view_func.__name__)
        super().add_url_rule(rule, endpoint, view_func, **options)


class Api:
    def __init__(self, app=None, **options):
        self.app = None
        if app is not None:
            self.init_app(app)

    def init_app(self, app, **options):
        self.app = app

    def register_blueprint(self, blueprint, **options):
        options.pop("parameters", None)
        __app_of__(self.app).register_blueprint(blueprint, **options)
