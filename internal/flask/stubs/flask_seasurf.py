# What SeaSurf does when it is set up: it covers every view but those that are exempt.


class SeaSurf:
    def __init__(self, app=None, **options):
        __csrf__("flask_seasurf.SeaSurf", self)

    def init_app(self, app):
        self.app = app

    def exempt(self, view):
        __csrf_exempt__(view)
        return view

    def exempt_urls(self, urls):
        pass
