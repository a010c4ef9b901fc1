#!/bin/sh
# Prints the best Python on this machine: the version .python-version names, then newer, then 3.12.
# A candidate counts only if it runs (pyenv's shims may be there and not run) and is 3.12 or newer.
# PYTHON=/path/to/python overrules the search.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
wanted=$(cat "$here/.python-version" 2>/dev/null || echo 3.13)

# The real path, so that a venv is made from the interpreter and not from a shim.
runs() {
    "$1" -c 'import os, sys
fits = sys.version_info >= (3, 12) and (sys.argv[1] == "any" or "%d.%d" % sys.version_info[:2] == sys.argv[1])
sys.exit(not fits or print(os.path.realpath(sys.executable)))' "$2" 2>/dev/null
}

candidates() {
    for version in "$@" 3 ''; do
        echo "python$version"
    done
    for folder in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/* "$HOME"/.local/share/uv/python/* \
        /opt/homebrew/opt/python@* /usr/local/opt/python@* /opt/python/* /usr/local /usr; do
        for program in "$folder"/bin/python3.*[0-9] "$folder"/bin/python3; do
            if [ -x "$program" ]; then echo "$program"; fi
        done
    done
}

if [ -n "${PYTHON:-}" ]; then
    runs "$PYTHON" any && exit
    echo "PYTHON is $PYTHON, which is not a Python 3.12 or newer." >&2
    exit 1
fi
# Newer than the three is tried last: not every package may have a wheel for it yet.
for version in "$wanted" 3.13 3.14 3.12 any; do
    found=$(candidates "$version" | while read -r one; do if runs "$one" "$version"; then break; fi; done)
    if [ -n "$found" ]; then
        echo "$found"
        exit
    fi
done
cat >&2 <<'END'
No Python 3.12 or newer found. Install one (Debian 13, Ubuntu 24.04: apt-get install python3 python3-venv;
macOS: brew install python@3.13; anywhere: uv python install 3.13), or name it: make run PYTHON=/path/to/python3.13
END
exit 1
