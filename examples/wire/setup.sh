#!/bin/sh
# Installs what the wire tests run: the pinned Python packages of today into .venv-wire and those of yesterday into .venv-old,
# beside this file, and Debian's nginx where the machine has none. Does nothing when all is there and the pins have not changed.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

install() { # ENVIRONMENT REQUIREMENTS
    if [ -x "$here/$1/bin/python" ] && cmp -s "$here/$2" "$here/$1/installed.txt"; then
        return
    fi
    rm -rf "${here:?}/$1"
    python3 -m venv "$here/$1"
    "$here/$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/$2"
    cp "$here/$2" "$here/$1/installed.txt"
}
install .venv-wire requirements.txt
install .venv-old requirements-old.txt

PATH="$PATH:/usr/sbin:/usr/local/sbin"
if ! command -v nginx >/dev/null; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    # The tests start nginx themselves, on ports of their own; the service of the package must not start.
    $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get -q update && apt-get -qy install --no-install-recommends nginx'
fi
