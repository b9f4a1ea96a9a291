"""Who is signed in, and where a sign-in may lead."""
from functools import wraps
from urllib.parse import urljoin, urlparse

from flask import abort, g, redirect, request, session, url_for

from . import db


def current_account():
    if "account" not in g:
        account_id = session.get("account_id")
        g.account = db.account_by_id(account_id) if account_id else None
    return g.account


def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if current_account() is None:
            return redirect(url_for("account.login", next=request.path))
        return view(*args, **kwargs)

    return wrapped


def staff_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        account = current_account()
        if account is None or not account["is_staff"]:
            abort(403)
        return view(*args, **kwargs)

    return wrapped


def is_safe_url(target):
    """True when the target stays on our own host."""
    here = urlparse(request.host_url)
    there = urlparse(urljoin(request.host_url, target))
    return there.scheme in ("http", "https") and here.netloc == there.netloc
