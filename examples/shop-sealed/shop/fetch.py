"""Outgoing HTTP."""
from urllib.parse import quote, urlsplit

import requests

STOCK_SERVICE = "http://127.0.0.1"
PREVIEW_HOSTS = {
    "blog.shop.example": "https://blog.shop.example",
    "status.shop.example": "https://status.shop.example",
}


def page(url):
    """The text of a page of one of our partner sites, or None."""
    parts = urlsplit(url)
    base = PREVIEW_HOSTS.get(parts.hostname)
    if base is None:
        return None
    return requests.get(base + "/" + quote(parts.path.lstrip("/")), timeout=5, allow_redirects=False).text


def stock(product_id):
    return requests.get(f"{STOCK_SERVICE}/v1/stock/{product_id:d}", timeout=5, allow_redirects=False).text
