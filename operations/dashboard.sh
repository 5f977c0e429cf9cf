#!/bin/sh
# Check and build GraphiQL into web/static/graphiql: dashboard.sh VENV [--if-needed | --unchecked]
# With --if-needed nothing is built twice and nothing fails: without GraphiQL the small explorer of our own serves.
set -eu

venv=$1
mode=${2:-}
built=web/static/graphiql
failed=web/static/graphiql.failed
log=web/static/graphiql.log

# What the build is made from, as one line; unlike times of change it survives a fresh checkout.
sources() {
    find dashboard operations/dashboard.sh operations/node.sh web/explorer/examples.graphql web/explorer/icon.svg \
        -name node_modules -prune -o -type f -exec cksum {} + | LC_ALL=C sort | cksum
}

. operations/node.sh

# The new build takes the old one's place only when it is whole.
build() {
    find_node
    mkdir -p web/static
    cd dashboard
    patiently $npm ci --loglevel=error --fetch-retries=1 --fetch-timeout=30000
    [ "$mode" = --unchecked ] || "$node" node_modules/typescript/bin/tsc
    rm -rf "../$built.new"
    patiently "$node" node_modules/vite/bin/vite.js build --logLevel error --outDir "../$built.new"
    cd ..
    sources >"$built.new/sources"
    rm -rf "$built" "$failed"
    mv "$built.new" "$built"
}

is_from() {
    [ -f "$1" ] && [ "$(cat "$1")" = "$present" ]
}

if [ "$mode" != --if-needed ]; then
    build
    echo "GraphiQL is built."
    exit
fi

present=$(sources)
is_from "$built/sources" && exit
if ! is_from "$failed"; then
    echo "Building GraphiQL (once, and after dashboard/ changes) ..."
    mkdir -p web/static || true
    if sh "$0" "$venv" --unchecked >"$log" 2>&1; then exit; fi
    echo "$present" >"$failed" || true
fi
if [ -f "$built/index.html" ]; then instead="an older build"; else instead="the small explorer"; fi
echo "GraphiQL could not be built here: $instead serves in its place. 'make dashboard' tries again and says why."
