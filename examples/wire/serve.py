"""Starts the small applications of the wire tests, each in a process of its own.

Imports what they share once and then forks, because starting Python and importing Flask takes longer than a whole test. Reads one
JSON object a line: {"dir", "argv", "env", "log", "prepare"} starts a program and answers with its process id, {"stop": id} ends it
with everything it has started. Ends all of them when its input ends.
"""

import importlib
import json
import os
import runpy
import signal
import sys

SHARED = (
    "flask", "flask.cli", "flask_login", "flask_wtf", "gunicorn.app.wsgiapp", "gunicorn.workers.sync", "gunicorn.workers.gthread",
    "itsdangerous", "jinja2", "logging.config", "lxml.etree", "requests", "sqlite3", "werkzeug.debug", "werkzeug.serving",
)


def run(argv):
    """What the shell would do with the command, without a new interpreter where that is possible."""
    sys.argv = argv
    if argv[0] == "gunicorn":
        from gunicorn.app.wsgiapp import WSGIApplication

        sys.argv[1:1] = ["--chdir", os.getcwd()]  # its default is where gunicorn was imported
        WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()
    elif argv[0] == "flask":
        from flask.cli import main

        main()
    else:
        os.execvp(argv[0], argv)


def start(job):
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null, log = os.open(os.devnull, os.O_RDONLY), os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for old, new in ((null, 0), (log, 1), (log, 2)):
        os.dup2(old, new)
    os.chdir(job["dir"])
    os.environ.update(job["env"])
    sys.path.insert(0, job["dir"])
    code = 1
    try:
        if job.get("prepare"):
            runpy.run_path(job["prepare"])
        run(job["argv"])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def stop(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main():
    for name in SHARED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    running = set()
    try:
        for line in sys.stdin:
            job = json.loads(line)
            if "stop" in job:
                stop(job["stop"])
                running.discard(job["stop"])
                continue
            pid = start(job)
            running.add(pid)
            print(pid, flush=True)
    finally:
        for pid in running:
            stop(pid)


if __name__ == "__main__":
    main()
