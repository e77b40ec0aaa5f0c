#!/usr/bin/env bash
# Run every fuzz target for so many seconds. What makes one crash is kept beside it as crash-*.
#   scripts/fuzz.sh [SECONDS] [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(tests/fuzz/fuzz_*.py)
for target in "${targets[@]}"; do
  echo "== $target for $seconds s"
  .venv/bin/python "$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3072 -print_final_stats=1
done
