"""Invoices of the signed-in customer."""
import os

from flask import Blueprint, abort, current_app, render_template, request, send_file

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
    path = os.path.join(current_app.config["INVOICE_DIR"], request.args.get("file", ""))
    if not os.path.isfile(path):
        abort(404)
    return send_file(path, as_attachment=True)
