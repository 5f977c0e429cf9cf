#!/bin/sh
# Make the virtual environment and install exactly what requirements.lock lists: environment.sh PYTHON VENV
set -eu

python=$1
venv=$2

complain() {
    echo "$*" >&2
    exit 2
}

command -v "$python" >/dev/null ||
    complain "Plera needs Python 3.11 or newer, and there is no $python. Name one: make PYTHON=/path/to/python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    complain "Plera needs Python 3.11 or newer, but $python is $("$python" -V 2>&1). Name another: make PYTHON=python3.12"
# Debian and Ubuntu leave the second half of venv out of their python3.
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    complain "$python can't make virtual environments. On Debian and Ubuntu: apt install python3-venv"

# A folder that was moved, or left behind half made, is of no use.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv"
fi

echo "Installing Plera's packages into $venv (once, and after requirements.lock changes) ..."
# --no-deps: the lock is complete. Older versions of pip would look up extras of its packages (coverage[toml]) anew and
# refuse all of it the day one of them has a newer release.
"$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input --root-user-action=ignore \
    --no-deps --require-hashes --requirement requirements.lock
