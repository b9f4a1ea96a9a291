"""Products, search and reviews: open to everyone."""
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup

from .. import db
from ..security import current_account, login_required

bp = Blueprint("catalog", __name__)


@bp.get("/")
def home():
    return render_template("catalog/home.html")


@bp.get("/products")
def products():
    order = request.args.get("sort", "name")
    return render_template("catalog/list.html", products=db.list_products(order))


@bp.get("/search")
def search():
    term = request.args.get("q", "")
    found = db.search_products(term)
    if not found:
        return f"<!doctype html><title>Search</title><p>Nothing found for <b>{term}</b>.</p>", 404
    summary = Markup(f"{len(found)} results for <em>{term}</em>")
    return render_template("catalog/list.html", products=found, summary=summary)


@bp.get("/products/<int:product_id>")
def product(product_id):
    found = db.product(product_id)
    if found is None:
        abort(404)
    return render_template("catalog/product.html", product=found)


@bp.get("/products/<int:product_id>/label")
def label(product_id):
    found = db.product(product_id)
    if found is None:
        abort(404)
    pattern = request.args.get("pattern", "{p.name} {p.price}")
    return Response(pattern.format(p=found), mimetype="text/plain")


@bp.get("/products/<int:product_id>/reviews")
def reviews(product_id):
    page = "<!doctype html><title>Reviews</title><ul>"
    for review in db.reviews(product_id):
        page += "<li>" + review["body"] + "</li>"
    return page + "</ul>"


@bp.post("/products/<int:product_id>/reviews")
@login_required
def add_review(product_id):
    db.add_review(product_id, current_account()["name"], request.form.get("body", ""))
    return redirect(url_for("catalog.reviews", product_id=product_id))
