#!/usr/bin/env bash
# The tests of the store start a PostgreSQL server of their own: installs Debian's where that is possible, else says what to do.
set -euo pipefail

for folder in /usr/lib/postgresql/*/bin; do
  [ -x "$folder/initdb" ] && exit 0
done
command -v initdb >/dev/null && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "installing Debian's postgresql for the tests of the store"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends postgresql >/dev/null
else
  echo "There is no initdb: the tests of the store will fail. Install PostgreSQL 15 or later (Debian: apt-get install postgresql)."
fi
