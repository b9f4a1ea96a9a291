# What Flask's application, blueprints and views do when they are set up, as far as URLs are concerned.
# Names in double underscores are natives of the evaluator.


class Config:
    def __init__(self, *args, **kwargs):
        self.known = {}

    def __getitem__(self, key):
        return self.known[key]

    def __setitem__(self, key, value):
        self.known[key] = value

    def get(self, key, default=None):
        if key in self.known:
            return self.known[key]
        return __soft__(default)

    def setdefault(self, key, default=None):
        if key not in self.known:
            self.known[key] = default
        return self.known[key]

    def update(self, *args, **kwargs):
        self.known.update(*args, **kwargs)

    def from_mapping(self, *args, **kwargs):
        self.known.update(*args, **kwargs)

    def from_object(self, source):
        __configured__(source)
        self.known.update(__uppers__(source))


class Scaffold:
    def route(self, rule, **options):
        def register(view):
            named = dict(options)
            self.add_url_rule(rule, named.pop("endpoint", None), view, **named)
            return view
        return register

    def get(self, rule, **options):
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule, **options):
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule, **options):
        return self.route(rule, methods=["PUT"], **options)

    def patch(self, rule, **options):
        return self.route(rule, methods=["PATCH"], **options)

    def delete(self, rule, **options):
        return self.route(rule, methods=["DELETE"], **options)

    def before_request(self, hook):
        __hook__("before_request", self, hook)
        return hook

    def after_request(self, hook):
        __hook__("after_request", self, hook)
        return hook

    def teardown_request(self, hook):
        return hook

    def context_processor(self, hook):
        return hook

    def errorhandler(self, code):
        def register(handler):
            __hook__("errorhandler", self, handler)
            return handler
        return register

    def register_error_handler(self, code, handler):
        __hook__("errorhandler", self, handler)


class Flask(Scaffold):
    def __init__(self, import_name=None, static_url_path=None, static_folder="static", static_host=None,
                 host_matching=False, subdomain_matching=False, **options):
        self.name = import_name
        self.import_name = import_name
        self.config = Config()
        self.view_functions = {}
        self.blueprints = {}
        self.extensions = {}
        self.url_map = Map(self)
        self.wsgi_app = __unknown__()
        self.static_folder = static_folder
        __app_made__(self)
        if static_folder is not None:
            __static__(self, "", "static", __static_url__(static_url_path, static_folder))

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        __route__(self, rule, endpoint, view_func, options)

    def endpoint(self, endpoint):
        def register(view):
            self.view_functions[endpoint] = view
            return view
        return register

    def register_blueprint(self, blueprint, **options):
        if "url_prefix" in options and options["url_prefix"] is None:
            options.pop("url_prefix")
        self.blueprints[options.get("name", blueprint.name)] = blueprint
        __later__(blueprint.register, self, options)

    def before_first_request(self, hook):
        return hook

    def teardown_appcontext(self, hook):
        return hook

    def shell_context_processor(self, hook):
        return hook

    def app_context(self):
        return self

    def test_request_context(self, *args, **kwargs):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None


Quart = Flask


class Map:
    def __init__(self, app):
        self.app = app
        self.converters = {}

    def add(self, rule):
        __route__(self.app, rule.rule, rule.endpoint, None, rule.options)


class BlueprintSetupState:
    def __init__(self, blueprint, app, options, first_registration=False):
        self.app = app
        self.blueprint = blueprint
        self.options = options
        self.first_registration = first_registration
        self.url_prefix = options.get("url_prefix", blueprint.url_prefix)
        self.name = options.get("name", blueprint.name)
        self.name_prefix = options.get("name_prefix", "")
        self.subdomain = options.get("subdomain", blueprint.subdomain)
        self.url_defaults = {}

    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
        rule = __join__(self.url_prefix, rule)
        if endpoint is None:
            endpoint = __endpoint__(view_func)
        if self.subdomain is not None:
            options.setdefault("subdomain", self.subdomain)
        self.app.add_url_rule(rule, __dotted__(self.name_prefix, self.name, endpoint), view_func, **options)


class Blueprint(Scaffold):
    def __init__(self, name, import_name=None, static_folder=None, static_url_path=None, template_folder=None,
                 url_prefix=None, subdomain=None, url_defaults=None, root_path=None, cli_group=None, **options):
        self.name = name
        self.import_name = import_name
        self.url_prefix = url_prefix
        self.subdomain = subdomain
        self.static_folder = static_folder
        self.template_folder = template_folder
        self.deferred_functions = []
        self.nested = []
        self.states = []
        self.view_functions = {}
        __blueprint_made__(self)
        if static_folder is not None:
            url = __static_url__(static_url_path, static_folder)
            self.record(lambda state: __static__(state.app, state.url_prefix, state.name + ".static", url))

    def record(self, function):
        at = __place__()
        self.deferred_functions.append((at, function))
        for state in self.states:
            function(state)

    def record_once(self, function):
        self.record(function)

    def make_setup_state(self, app, options, first_registration=False):
        return BlueprintSetupState(self, app, options, first_registration)

    def add_url_rule(self, rule, endpoint=None, view_func=None, provide_automatic_options=None, **options):
        self.has_rules = True
        self.record(lambda state: state.add_url_rule(rule, endpoint, view_func, **options))

    def endpoint(self, endpoint):
        def register(view):
            def late(state):
                state.app.view_functions[state.name + "." + endpoint] = view
            self.record(late)
            return view
        return register

    def register_blueprint(self, blueprint, **options):
        self.nested.append((blueprint, options))
        blueprint.has_parent = True
        for state in self.states:
            self.mount(state, blueprint, options)

    def mount(self, state, blueprint, options):
        inner = dict(options)
        own = options.get("url_prefix", blueprint.url_prefix)
        inner["url_prefix"] = __join__(state.url_prefix, own)
        if state.subdomain is not None:
            within = options.get("subdomain", blueprint.subdomain)
            inner["subdomain"] = __dotted__(within, state.subdomain)
        inner["name_prefix"] = __dotted__(state.name_prefix, state.name, "")
        blueprint.register(state.app, inner)

    def register(self, app, options=None, first_registration=False):
        state = self.make_setup_state(app, options or {}, first_registration)
        self.states.append(state)
        for at, function in list(self.deferred_functions):
            __at__(at, function, state)
        for blueprint, own in list(self.nested):
            self.mount(state, blueprint, own)

    def before_app_request(self, hook):
        __hook__("before_app_request", self, hook)
        return hook

    def after_app_request(self, hook):
        return hook

    def app_errorhandler(self, code):
        def register(handler):
            __hook__("errorhandler", self, handler)
            return handler
        return register

    def app_context_processor(self, hook):
        return hook

    def app_template_filter(self, name=None):
        return lambda f: f

    def app_template_global(self, name=None):
        return lambda f: f


class View:
    methods = None
    decorators = []

    @classmethod
    def as_view(cls, name, *args, **kwargs):
        def view(**parts):
            return None
        view.view_class = cls
        view.__name__ = name
        view.methods = cls.methods
        for decorate in cls.decorators:
            view = decorate(view)
        return view


class MethodView(View):
    def dispatch_request(self, **parts):
        return None
