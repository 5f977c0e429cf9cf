#!/bin/sh
# Install the clients and audits that tests/clients runs against a started server: clients.sh VENV
set -eu

venv=$1

. operations/node.sh

# Each in an environment of its own, made anew when its lock changes: two of them want different releases of graphql-core.
for name in gql ariadne; do
    lock=tests/clients/python/$name.lock home=build/clients/$name
    if ! cmp -s "$lock" "$home/installed.lock"; then
        "$venv/bin/python" -m venv --clear "$home"
        patiently "$home/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input \
            --root-user-action=ignore --no-deps --require-hashes --requirement "$lock"
        cp "$lock" "$home/installed.lock"
    fi
done

find_node
cd tests/clients
if ! cmp -s package-lock.json node_modules/installed.lock; then
    patiently $npm ci --loglevel=error --no-audit --no-fund
    cp package-lock.json node_modules/installed.lock
fi
