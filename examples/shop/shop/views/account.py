"""Sign-in, sign-out and small preferences."""
from datetime import datetime, timezone

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash

from .. import db
from ..security import is_safe_url

bp = Blueprint("account", __name__)


@bp.get("/login")
def login():
    return render_template("account/login.html")


@bp.post("/login")
def login_submit():
    account = db.account_by_name(request.form.get("name", ""))
    if account is None or not check_password_hash(account["password_hash"], request.form.get("password", "")):
        current_app.logger.warning("wrong name or password")
        return render_template("account/login.html", failed=True), 403
    session.clear()
    session["account_id"] = account["id"]
    target = request.args.get("next", "")
    if not target or not is_safe_url(target):
        target = url_for("catalog.home")
    response = redirect(target)
    response.set_cookie("last_login", datetime.now(timezone.utc).date().isoformat(), samesite="None")
    return response


@bp.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("catalog.home"))


@bp.get("/leave")
def leave():
    return redirect(request.args.get("to", "/"))


@bp.post("/currency")
def currency():
    session["currency"] = "EUR" if request.form.get("currency") == "EUR" else "USD"
    return redirect(request.referrer or url_for("catalog.home"))
