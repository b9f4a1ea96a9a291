"""Mails are written from the templates in shop/mail."""
from jinja2 import Environment, PackageLoader

templates = Environment(loader=PackageLoader("shop", "mail"))


def welcome(name):
    return templates.get_template("welcome.html").render(name=name)
