"""Who is signed in, and where a sign-in may lead."""
import re
from functools import wraps

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


# One slash, then neither a slash nor a backslash, and nothing a browser would drop or rewrite.
LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*\Z")


def is_local_path(target):
    return LOCAL_PATH.match(target) is not None
