"""Sign-in, sign-out and small preferences."""
from datetime import datetime, timezone

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.security import check_password_hash

from .. import db
from ..security import is_local_path

bp = Blueprint("account", __name__)

MAX_ATTEMPTS = 5  # within a quarter of an hour
PARTNERS = {"blog": "https://blog.shop.example/", "status": "https://status.shop.example/"}


@bp.get("/login")
def login():
    return render_template("account/login.html")


@bp.post("/login")
def login_submit():
    name = request.form.get("name", "")
    if db.recent_attempts(name) >= MAX_ATTEMPTS:
        current_app.logger.warning("too many attempts on one account")
        return render_template("account/login.html", failed=True), 429
    account = db.account_by_name(name)
    if account is None or not check_password_hash(account["password_hash"], request.form.get("password", "")):
        db.add_attempt(name)
        current_app.logger.warning("wrong name or password")
        return render_template("account/login.html", failed=True), 403
    session.clear()
    session["account_id"] = account["id"]
    target = request.args.get("next", "")
    if not is_local_path(target):
        target = url_for("catalog.home")
    response = redirect(target)
    response.set_cookie(
        "last_login",
        datetime.now(timezone.utc).date().isoformat(),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


@bp.post("/logout")
def logout():
    session.clear()
    return redirect(url_for("catalog.home"))


@bp.get("/leave")
def leave():
    partner = PARTNERS.get(request.args.get("to"))
    if partner is None:
        abort(404)
    return redirect(partner)


@bp.post("/currency")
def currency():
    session["currency"] = "EUR" if request.form.get("currency") == "EUR" else "USD"
    return redirect(url_for("catalog.home"))
