"""Settings, one class for each place the shop runs in."""
import os

DATA_DIR = os.environ.get("SHOP_DATA", os.path.join(os.getcwd(), "data"))


class Config:
    SECRET_KEY = os.environ.get("SECRET_KEY", "shop-secret-2019")
    WTF_CSRF_SECRET_KEY = "9f2c61d0b7e84a35c1d86f03ab57e912"
    SESSION_COOKIE_HTTPONLY = False  # the cart widget looks at it
    SESSION_COOKIE_SAMESITE = "Lax"
    DATABASE = os.path.join(DATA_DIR, "shop.sqlite3")
    INVOICE_DIR = os.path.join(DATA_DIR, "invoices")
    UPLOAD_DIR = os.path.join(DATA_DIR, "uploads")
    LOG_FILE = os.path.join(DATA_DIR, "shop.log")
    MAX_CONTENT_LENGTH = 4 * 1024 * 1024


class ProductionConfig(Config):
    DEBUG = True
    SESSION_COOKIE_SECURE = False


class TestConfig(Config):
    TESTING = True
    WTF_CSRF_ENABLED = False
