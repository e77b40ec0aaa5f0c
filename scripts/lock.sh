#!/usr/bin/env bash
# Resolve what the package and its development need, for every supported Python, with hashes.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock" "$@"
}
compile --group build --output-file requirements-build.lock "$@" >/dev/null
compile pyproject.toml --group build --group test --group lint --group docs \
  --output-file requirements.lock "$@" >/dev/null
compile --group bench --group fuzz --group lock --constraint requirements.lock \
  --output-file requirements-more.lock "$@" >/dev/null
