"""Programs that the staff pages run."""
import subprocess

from flask import current_app


def archive(folder):
    """A gzipped tar of one folder of the data directory."""
    base = current_app.config["INVOICE_DIR"]
    done = subprocess.run(f"tar -czf - -C {base} {folder}", shell=True, capture_output=True, timeout=20)
    return done.stdout


def search_log(text):
    """The lines of the shop's log that contain the text."""
    log = current_app.config["LOG_FILE"]
    done = subprocess.run(["grep", "-n", text, log], capture_output=True, text=True, timeout=20)
    return done.stdout
