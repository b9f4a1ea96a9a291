"""Pages that look at other services for the visitor."""
import requests
from flask import Blueprint, Response, abort, request

from .. import fetch
from ..security import login_required

bp = Blueprint("webhooks", __name__)


@bp.get("/preview")
@login_required
def preview():
    try:
        text = fetch.page(request.args.get("url", ""))
    except requests.RequestException:
        abort(502)
    if text is None:
        abort(400)
    return Response(text, mimetype="text/plain")


@bp.get("/stock/<int:product_id>")
@login_required
def stock(product_id):
    try:
        return Response(fetch.stock(product_id), mimetype="text/plain")
    except requests.RequestException:
        abort(502)
