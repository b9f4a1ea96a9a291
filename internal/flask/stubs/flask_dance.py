from flask import Blueprint


def _blueprint(name):
    def make(*args, **options):
        blueprint = Blueprint(name, __name__, url_prefix=options.get("url_prefix", "/login"))
        blueprint.add_url_rule(options.get("login_url") or "/" + name, "login", __library_view__("flask_dance.login"))
        blueprint.add_url_rule(options.get("authorized_url") or "/" + name + "/authorized", "authorized", __library_view__("flask_dance.authorized"))
        return blueprint
    return make


make_google_blueprint = _blueprint("google")
make_github_blueprint = _blueprint("github")
make_gitlab_blueprint = _blueprint("gitlab")
make_facebook_blueprint = _blueprint("facebook")
make_twitter_blueprint = _blueprint("twitter")
make_slack_blueprint = _blueprint("slack")
make_discord_blueprint = _blueprint("discord")
make_dropbox_blueprint = _blueprint("dropbox")
make_azure_blueprint = _blueprint("azure")
make_linkedin_blueprint = _blueprint("linkedin")


class OAuth2ConsumerBlueprint(Blueprint):
    def __init__(self, name, import_name, **options):
        super().__init__(name, import_name, url_prefix=options.get("url_prefix"))
        self.add_url_rule(options.get("login_url") or "/" + name, "login", __library_view__("flask_dance.login"))
        self.add_url_rule(options.get("authorized_url") or "/" + name + "/authorized", "authorized", __library_view__("flask_dance.authorized"))


OAuth1ConsumerBlueprint = OAuth2ConsumerBlueprint
