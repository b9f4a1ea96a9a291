CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL);
CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, password_hash TEXT NOT NULL, is_staff INTEGER NOT NULL DEFAULT 0);
CREATE TABLE review (id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES product, author TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account, file TEXT NOT NULL);

INSERT INTO product (name, price, stock) VALUES ('Kettle', 2900, 14), ('Teapot', 4100, 3), ('Cup', 650, 80);
INSERT INTO invoice (account_id, file) VALUES (1, '2026-0001.txt');
