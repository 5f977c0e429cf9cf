#!/bin/sh
# Install the clients and audits that tests/clients runs against a started server: clients.sh VENV
set -eu

venv=$1

. operations/node.sh

find_node
cd tests/clients
patiently $npm ci --loglevel=error --no-audit --no-fund
