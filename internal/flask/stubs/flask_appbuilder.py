from flask import Blueprint


def expose(url="/", methods=("GET",)):
    def note(view):
        return __noted__(view, (url, methods))
    return note


class _Mounted:
    def create_blueprint(self, appbuilder, endpoint=None, static_folder=None):
        blueprint = Blueprint(endpoint or self.__class__.__name__, __name__, url_prefix=self.prefix() or None)
        own = []
        for method_name, method in __own_methods__(self.__class__):
            for url, methods in __notes__(method):
                own.append(method_name)
                blueprint.add_url_rule(url, method_name, method, methods=methods)
        library = MODEL if isinstance(self, ModelView) else REST if isinstance(self, ModelRestApi) else []
        for url, method_name, methods in library:
            if method_name not in own:
                blueprint.add_url_rule(url, method_name, __library_view__("flask_appbuilder." + method_name), methods=methods)
        return blueprint

    def get_uninit_inner_views(self):
        return []

    def get_init_inner_views(self):
        return []


class BaseView(_Mounted):
    route_base = None

    def prefix(self):
        if self.route_base is not None:
            return self.route_base
        return "/" + self.__class__.__name__.lower()


class SimpleFormView(BaseView):
    pass


class IndexView(BaseView):
    route_base = ""


class ModelView(BaseView):
    pass


class BaseApi(_Mounted):
    route_base = None
    resource_name = None
    version = "v1"

    def prefix(self):
        if self.route_base is not None:
            return self.route_base
        return "/api/" + self.version + "/" + (self.resource_name or self.__class__.__name__.lower())


class ModelRestApi(BaseApi):
    pass


MODEL = [("/list/", "list", ("GET",)), ("/show/<pk>", "show", ("GET",)), ("/add", "add", ("GET", "POST")),
         ("/edit/<pk>", "edit", ("GET", "POST")), ("/delete/<pk>", "delete", ("GET", "POST")),
         ("/action/<string:name>/<pk>", "action", ("GET", "POST")), ("/action_post", "action_post", ("POST",))]
REST = [("/", "get_list", ("GET",)), ("/", "post", ("POST",)), ("/<pk>", "get", ("GET",)), ("/<pk>", "put", ("PUT",)),
        ("/<pk>", "delete", ("DELETE",)), ("/_info", "info", ("GET",))]


class AppBuilder:
    def __init__(self, app=None, session=None, *args, **options):
        self.app = None
        self.pending = []
        if app is not None:
            self.init_app(app, session)

    def init_app(self, app, session=None):
        self.app = app
        for view in self.pending:
            self.mount(view)

    def add_view(self, view, name=None, *args, **options):
        return self.add_view_no_menu(view)

    def add_api(self, view):
        return self.add_view_no_menu(view)

    def add_view_no_menu(self, view, endpoint=None, static_folder=None):
        if __isclass__(view):
            view = view()
        if self.app is None:
            self.pending.append(view)
        else:
            self.mount(view)
        return view

    def mount(self, view):
        self.app.register_blueprint(view.create_blueprint(self))
