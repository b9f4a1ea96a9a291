"""Mails are written from the templates in shop/mail."""
from jinja2 import Environment, PackageLoader, select_autoescape

templates = Environment(loader=PackageLoader("shop", "mail"), autoescape=select_autoescape())


def welcome(name):
    return templates.get_template("welcome.html").render(name=name)
