"""Products, search and reviews: open to everyone."""
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from .. import db
from ..security import current_account, login_required

bp = Blueprint("catalog", __name__)

LABELS = {"short": "{name}", "long": "{name} {price} ({stock} in stock)"}


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
    return render_template("catalog/list.html", products=found, term=term), 200 if found else 404


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
    pattern = LABELS.get(request.args.get("pattern"), LABELS["short"])
    text = pattern.format(name=found.name, price=found.price, stock=found.stock)
    return Response(text, mimetype="text/plain")


@bp.get("/products/<int:product_id>/reviews")
def reviews(product_id):
    return render_template("catalog/reviews.html", reviews=db.reviews(product_id))


@bp.post("/products/<int:product_id>/reviews")
@login_required
def add_review(product_id):
    db.add_review(product_id, current_account()["name"], request.form.get("body", ""))
    return redirect(url_for("catalog.reviews", product_id=product_id))
