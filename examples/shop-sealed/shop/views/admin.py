"""Tools for the staff."""
from string import Template

from flask import Blueprint, Response, abort, render_template, request

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
    content = tools.archive(request.form.get("folder", "all"))
    if content is None:
        abort(404)
    return Response(content, mimetype="application/gzip")


@bp.post("/mail-preview")
@staff_required
def mail_preview():
    text = Template(request.form.get("body", "")).safe_substitute(customer="Carl")
    return render_template("admin/mail_preview.html", text=text)


@bp.get("/mail-source")
@staff_required
def mail_source():
    return Response(mailer.welcome(request.args.get("name", "Carl")), mimetype="text/plain")
