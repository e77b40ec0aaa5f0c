#!/usr/bin/env bash
# The test of a cut line makes a network of its own with `ip`: installs Debian's iproute2 where that is possible, else says
# what to do.
set -euo pipefail

command -v ip >/dev/null && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's iproute2 for the test of a cut line"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends iproute2 >/dev/null
else
  echo "There is no ip command: the test of a cut line will be skipped. Install it (Debian: apt-get install iproute2)."
fi
