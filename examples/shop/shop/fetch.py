"""Outgoing HTTP."""
import requests

STOCK_SERVICE = "http://127.0.0.1"


def page(url):
    return requests.get(url, timeout=5, allow_redirects=False).text


def stock(path):
    return requests.get(STOCK_SERVICE + path, timeout=5, allow_redirects=False).text
