"""All SQL of the shop. Views call these functions and never see a cursor."""
import os
import sqlite3
import time
from dataclasses import dataclass

import click
from flask import current_app, g
from werkzeug.security import generate_password_hash


@dataclass
class Product:
    id: int
    name: str
    price: int
    stock: int


def connection():
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


def close(_error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def fetch_all(sql, params=()):
    return connection().execute(sql, params).fetchall()


def fetch_one(sql, params=()):
    return connection().execute(sql, params).fetchone()


def write(sql, params=()):
    db = connection()
    with db:
        db.execute(sql, params)


SORT_COLUMNS = {"name": "name", "price": "price", "newest": "id DESC"}


def list_products(order):
    column = SORT_COLUMNS.get(order, "name")
    return fetch_all(f"SELECT id, name, price, stock FROM product ORDER BY {column}")


def search_products(term):
    pattern = "%" + term + "%"
    cursor = connection().cursor()
    cursor.execute("SELECT id, name, price, stock FROM product WHERE name LIKE ?", (pattern,))
    return cursor.fetchall()


def product(product_id):
    row = fetch_one("SELECT id, name, price, stock FROM product WHERE id = ?", (product_id,))
    return Product(**row) if row else None


def reviews(product_id):
    return fetch_all("SELECT author, body FROM review WHERE product_id = ? ORDER BY id", (product_id,))


def add_review(product_id, author, body):
    write("INSERT INTO review (product_id, author, body) VALUES (?, ?, ?)", (product_id, author, body))


def account_by_name(name):
    return fetch_one("SELECT id, name, password_hash, is_staff FROM account WHERE name = ?", (name,))


def recent_attempts(name):
    since = time.time() - 15 * 60
    return fetch_one("SELECT count(*) AS n FROM attempt WHERE name = ? AND at > ?", (name, since))["n"]


def add_attempt(name):
    write("INSERT INTO attempt (name, at) VALUES (?, ?)", (name[:80], time.time()))


def account_by_id(account_id):
    return fetch_one("SELECT id, name, is_staff FROM account WHERE id = ?", (account_id,))


def invoices(account_id):
    return fetch_all("SELECT id, file FROM invoice WHERE account_id = ?", (account_id,))


@click.command("init-db")
def init_db():
    """Create the tables and the two demo accounts."""
    password = generate_password_hash(os.environ["SHOP_DEMO_PASSWORD"])
    with current_app.open_resource("schema.sql", "r") as schema:
        connection().executescript(schema.read())
    write("INSERT INTO account (name, password_hash, is_staff) VALUES (?, ?, 1)", ("ada", password))
    write("INSERT INTO account (name, password_hash, is_staff) VALUES (?, ?, 0)", ("carl", password))
    click.echo("database ready")


def init_app(app):
    app.teardown_appcontext(close)
    app.cli.add_command(init_db)
