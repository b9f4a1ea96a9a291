"""Pictures and notes that customers upload."""
import os
import uuid

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file
from werkzeug.utils import secure_filename

from ..security import login_required

bp = Blueprint("files", __name__)

ALLOWED = {".txt", ".png", ".jpg"}


@bp.get("/")
@login_required
def index():
    return render_template("files/index.html")


@bp.post("/")
@login_required
def upload():
    sent = request.files.get("file")
    if sent is None:
        abort(400)
    name = secure_filename(sent.filename or "")
    if os.path.splitext(name)[1].lower() not in ALLOWED:
        abort(400)
    stored = f"{uuid.uuid4().hex}-{name}"
    sent.save(os.path.join(current_app.config["UPLOAD_DIR"], stored))
    return {"name": stored}


@bp.get("/note")
@login_required
def note():
    path = os.path.join(current_app.config["UPLOAD_DIR"], request.args.get("name", ""))
    try:
        with open(path, encoding="utf-8") as source:
            return Response(source.read(), mimetype="text/plain")
    except OSError:
        abort(404)


@bp.get("/picture")
@login_required
def picture():
    name = request.args.get("name", "").replace("../", "")
    path = os.path.join(current_app.config["UPLOAD_DIR"], name)
    if not os.path.isfile(path):
        abort(404)
    return send_file(path)
