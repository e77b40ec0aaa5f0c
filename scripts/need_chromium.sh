#!/usr/bin/env bash
# The browser tests drive /usr/bin/chromium: installs Debian's where that is possible, else says what to do.
set -euo pipefail

[ -x /usr/bin/chromium ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's chromium for the browser tests"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
  echo "There is no /usr/bin/chromium: the browser tests will fail. Install it (Debian: apt-get install chromium)."
fi
