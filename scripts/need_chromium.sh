#!/usr/bin/env bash
# The browser tests need Chromium: installs Debian's where that is possible, else says what to do.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's chromium for the browser tests"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
  echo "No Chromium found: the browser tests will be skipped. Install it (Debian: apt-get install chromium) to run them."
fi
