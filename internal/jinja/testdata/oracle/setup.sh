#!/bin/sh
# Installs the pinned Jinja2 that the tests compare with into .venv-oracle beside this file.
# Does nothing when the environment is there and the pins have not changed. Test packages may run it at the same time.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
env="$here/.venv-oracle"
exec 9>"$here/.venv-oracle.lock"
if command -v flock >/dev/null; then flock 9; fi
if [ -x "$env/bin/python" ] && cmp -s "$here/requirements.txt" "$env/installed.txt"; then
    exit 0
fi
rm -rf "$env"
python3 -m venv "$env"
"$env/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$env/installed.txt"
