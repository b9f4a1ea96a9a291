from flask import Blueprint


def expose(url="/", methods=("GET",)):
    def note(view):
        return __noted__(view, (url, methods))
    return note


def expose_plugview(url="/"):
    def note(view):
        return __noted__(view, (url, ("GET", "POST", "PUT", "PATCH", "DELETE")))
    return note


class BaseView:
    def __init__(self, name=None, category=None, endpoint=None, url=None, static_folder=None, static_url_path=None,
                 menu_class_name=None, menu_icon_type=None, menu_icon_value=None, **options):
        self.name = name
        self.endpoint = endpoint
        self.url = url

    def default_endpoint(self):
        return self.__class__.__name__.lower()

    def create_blueprint(self, admin):
        if self.endpoint is None:
            self.endpoint = self.default_endpoint()
        if self.url is None:
            self.url = admin.url + "/" + self.endpoint
        elif not self.url.startswith("/"):
            self.url = admin.url + "/" + self.url
        return Blueprint(self.endpoint, __name__, url_prefix=self.url)


class AdminIndexView(BaseView):
    def __init__(self, name=None, category=None, endpoint=None, url=None, template="admin/index.html", **options):
        super().__init__(name, category, endpoint or "admin", url or "/admin")

    def index(self):
        return None


class BaseModelView(BaseView):
    can_create = True
    can_edit = True
    can_delete = True

    def __init__(self, model, *args, **options):
        self.model = model
        super().__init__(**options)

    def default_endpoint(self):
        return __name_of__(self.model).lower()


class ModelView(BaseModelView):
    pass


class FileAdmin(BaseView):
    pass


LIBRARY = [("/", "index_view", ("GET",)), ("/new/", "create_view", ("GET", "POST")), ("/edit/", "edit_view", ("GET", "POST")),
           ("/details/", "details_view", ("GET",)), ("/delete/", "delete_view", ("POST",)), ("/action/", "action_view", ("POST",)),
           ("/export/<export_type>/", "export", ("GET",)), ("/ajax/lookup/", "ajax_lookup", ("GET",)),
           ("/ajax/update/", "ajax_update", ("POST",))]


class Admin:
    def __init__(self, app=None, name=None, url=None, subdomain=None, index_view=None, *args, **options):
        self.index_view = index_view if index_view is not None else AdminIndexView(url=url)
        self.url = url or self.index_view.url
        self.endpoint = options.get("endpoint", "admin")
        self.views = []
        self.app = None
        self.add_view(self.index_view)
        if app is not None:
            self.init_app(app)

    def init_app(self, app, **options):
        self.app = app
        for view in self.views:
            self.mount(view)

    def add_view(self, view):
        self.views.append(view)
        if self.app is not None:
            self.mount(view)

    def add_views(self, *views):
        for view in views:
            self.add_view(view)

    def mount(self, view):
        blueprint = view.create_blueprint(self)
        own = []
        for name, method in __own_methods__(view.__class__):
            for url, methods in __notes__(method):
                own.append(url)
                blueprint.add_url_rule(url, name, method, methods=methods)
        if isinstance(view, BaseModelView):
            for url, name, methods in LIBRARY:
                if url not in own:
                    blueprint.add_url_rule(url, name, __library_view__("flask_admin.model.BaseModelView." + name), methods=methods)
        elif isinstance(view, AdminIndexView) and "/" not in own:
            blueprint.add_url_rule("/", "index", __library_view__("flask_admin.AdminIndexView.index"))
        self.app.register_blueprint(blueprint)
