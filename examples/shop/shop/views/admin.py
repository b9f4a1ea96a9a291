"""Tools for the staff."""
from flask import Blueprint, Response, render_template, render_template_string, request

from .. import mailer, tools
from ..security import staff_required

bp = Blueprint("admin", __name__)


@bp.get("/")
@staff_required
def index():
    return render_template("admin/index.html")


@bp.get("/log")
@staff_required
def log():
    return Response(tools.search_log(request.args.get("q", "")), mimetype="text/plain")


@bp.post("/archive")
@staff_required
def archive():
    return Response(tools.archive(request.form.get("folder", ".")), mimetype="application/gzip")


@bp.post("/mail-preview")
@staff_required
def mail_preview():
    body = request.form.get("body", "")
    return render_template_string(body, customer="Carl")


@bp.get("/mail-source")
@staff_required
def mail_source():
    return Response(mailer.welcome(request.args.get("name", "Carl")), mimetype="text/plain")
