"""Programs that the staff pages run."""
import subprocess

from flask import current_app

FOLDERS = {"all": ".", "this-year": "this-year", "last-year": "last-year"}


def archive(name):
    """A gzipped tar of one folder of the invoices, or None."""
    folder = FOLDERS.get(name)
    if folder is None:
        return None
    base = current_app.config["INVOICE_DIR"]
    done = subprocess.run(["tar", "-czf", "-", "-C", base, "--", folder], capture_output=True, timeout=20)
    return done.stdout


def search_log(text):
    """The lines of the shop's log that contain the text."""
    log = current_app.config["LOG_FILE"]
    done = subprocess.run(["grep", "-n", "-F", "--", text, log], capture_output=True, text=True, timeout=20)
    return done.stdout
