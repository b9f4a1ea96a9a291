# What Flask-WTF's CSRF protection does when it is set up: it covers every view but those that are exempt.


class CSRFProtect:
    def __init__(self, app=None, **options):
        __csrf__("flask_wtf.csrf.CSRFProtect", self)

    def init_app(self, app):
        self.app = app

    def exempt(self, view):
        __csrf_exempt__(view)
        return view


CsrfProtect = CSRFProtect
