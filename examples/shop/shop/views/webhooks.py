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
        return Response(fetch.page(request.args.get("url", "")), mimetype="text/plain")
    except requests.RequestException:
        abort(502)


@bp.get("/stock")
@login_required
def stock():
    try:
        return Response(fetch.stock(request.args.get("path", "/")), mimetype="text/plain")
    except requests.RequestException:
        abort(502)
