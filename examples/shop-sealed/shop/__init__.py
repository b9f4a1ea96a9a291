"""The application factory."""
import logging
import os

from flask import Flask, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from . import db
from .views import account, admin, catalog, files, orders, webhooks

csrf = CSRFProtect()
PARTNERS = {"https://partner.example"}


def create_app(config="shop.config.ProductionConfig"):
    app = Flask(__name__)
    app.config.from_object(config)
    for key in ("INVOICE_DIR", "UPLOAD_DIR"):
        os.makedirs(app.config[key], exist_ok=True)
    app.logger.addHandler(logging.FileHandler(app.config["LOG_FILE"]))

    csrf.init_app(app)
    db.init_app(app)
    app.register_blueprint(catalog.bp)
    app.register_blueprint(account.bp)
    app.register_blueprint(orders.bp, url_prefix="/orders")
    app.register_blueprint(files.bp, url_prefix="/files")
    app.register_blueprint(admin.bp, url_prefix="/admin")
    app.register_blueprint(webhooks.bp, url_prefix="/webhooks")
    app.after_request(add_headers)
    # One proxy, nginx, which overwrites both headers.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)
    app.after_request(allow_partners)
    return app


def add_headers(response):
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def allow_partners(response):
    """The partners' cart widgets read prices from their own sites."""
    origin = request.headers.get("Origin")
    if origin in PARTNERS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers.add("Vary", "Origin")
    return response
