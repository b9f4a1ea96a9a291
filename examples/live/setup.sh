#!/bin/sh
# Installs the two shops' pinned requirements into .venv-live beside this file.
# Does nothing when the environment is there and the pins have not changed.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
env="$here/.venv-live"
if [ -x "$env/bin/python" ] && cmp -s "$here/requirements.txt" "$env/installed.txt"; then
    exit 0
fi
rm -rf "$env"
python3 -m venv "$env"
"$env/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$env/installed.txt"
