"""The application factory."""
import logging
import os

from flask import Flask, request
from flask_wtf import CSRFProtect

from . import db
from .views import account, admin, catalog, files, orders, webhooks

csrf = CSRFProtect()


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
    app.after_request(allow_partners)
    return app


def allow_partners(response):
    """The partners' cart widgets read prices from their own sites."""
    origin = request.headers.get("Origin")
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response
