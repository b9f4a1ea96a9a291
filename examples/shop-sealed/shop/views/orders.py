"""Invoices of the signed-in customer."""
from flask import Blueprint, abort, current_app, render_template, request, send_from_directory

from .. import db
from ..security import current_account, login_required

bp = Blueprint("orders", __name__)


@bp.get("/")
@login_required
def index():
    return render_template("orders/list.html", invoices=db.invoices(current_account()["id"]))


@bp.get("/invoice")
@login_required
def invoice():
    name = request.args.get("file", "")
    if name not in [row["file"] for row in db.invoices(current_account()["id"])]:
        abort(404)
    return send_from_directory(current_app.config["INVOICE_DIR"], name, as_attachment=True)
