#!/bin/sh
# Installs what the wire tests run: the pinned Python packages into .venv-wire beside this file, and Debian's nginx where the
# machine has none. Does nothing when both are there and the pins have not changed.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
env="$here/.venv-wire"
if ! [ -x "$env/bin/python" ] || ! cmp -s "$here/requirements.txt" "$env/installed.txt"; then
    rm -rf "$env"
    python3 -m venv "$env"
    "$env/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$env/installed.txt"
fi
PATH="$PATH:/usr/sbin:/usr/local/sbin"
if ! command -v nginx >/dev/null; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    # The tests start nginx themselves, on ports of their own; the service of the package must not start.
    $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get -q update && apt-get -qy install --no-install-recommends nginx'
fi
