#!/bin/sh
# Makes .venv from requirements.lock, and makes it again when the lock has changed. Does nothing else.
set -eu
cd -- "$(dirname -- "$0")/../.."
stamp=.venv/requirements.lock # A copy of what was installed.

if cmp -s requirements.lock "$stamp" && .venv/bin/python -c 'import django' 2>/dev/null; then
    exit 0
fi

say() { echo "$@" >&2; }

system_can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
    python=$(sh pmdm/local/pick-python.sh)
    rm -rf .venv
    say "Making .venv with $("$python" --version) ($python) …"
    if command -v uv >/dev/null; then
        uv venv --quiet --python "$python" .venv
    elif "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv .venv
    elif "$python" -c 'import pip, venv' 2>/dev/null; then
        "$python" -m venv --without-pip .venv # Its pip installs from outside.
    elif system_can_install; then
        say "This Python can't make environments yet; installing python3-venv …"
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv; } >&2
        "$python" -m venv .venv
    else
        say "$python can't make environments. Install python3-venv (Debian, Ubuntu) or uv, then try again."
        exit 1
    fi
fi

say "Installing what requirements.lock names …"
if command -v uv >/dev/null; then
    uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
elif ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    "${python:-$(sh pmdm/local/pick-python.sh)}" -m pip --python .venv/bin/python install --quiet --disable-pip-version-check \
        --require-hashes -r requirements.lock
else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
fi
cp requirements.lock "$stamp"
