"""Settings, one class for each place the shop runs in."""
import os
from datetime import timedelta

DATA_DIR = os.environ.get("SHOP_DATA", os.path.join(os.getcwd(), "data"))


class Config:
    SECRET_KEY = os.environ["SECRET_KEY"]
    TRUSTED_HOSTS = os.environ["SHOP_HOSTS"].split(",")
    # SESSION_COOKIE_SECURE=0 is for trying the shop over plain HTTP.
    SESSION_COOKIE_SECURE = os.environ.get("SESSION_COOKIE_SECURE", "1") != "0"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    PERMANENT_SESSION_LIFETIME = timedelta(hours=8)
    DATABASE = os.path.join(DATA_DIR, "shop.sqlite3")
    INVOICE_DIR = os.path.join(DATA_DIR, "invoices")
    UPLOAD_DIR = os.path.join(DATA_DIR, "uploads")
    LOG_FILE = os.path.join(DATA_DIR, "shop.log")
    MAX_CONTENT_LENGTH = 4 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 512 * 1024
    MAX_FORM_PARTS = 50


class ProductionConfig(Config):
    DEBUG = False


class TestConfig(Config):
    TESTING = True
    WTF_CSRF_ENABLED = False
