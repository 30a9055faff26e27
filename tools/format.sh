#!/usr/bin/env bash
# Formats the tracked C++ files under src/, test/ and tools/ by .clang-format.
# usage: tools/format.sh [--check]     --check changes nothing and fails where something would change
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(-i)
case "${1-}" in
  "") ;;
  --check) mode=(--dry-run --Werror --ferror-limit=1) ;;
  *) sed -n '2,3p' "$0" >&2; exit 2 ;;
esac
# Deleted files are still tracked until the deletion is committed.
git ls-files -z -- 'src/*.h' 'src/*.cc' 'test/*.h' 'test/*.cc' 'tools/*.h' 'tools/*.cc' |
  while IFS= read -r -d '' file; do
    if [ -e "$file" ]; then printf '%s\0' "$file"; fi
  done |
  xargs -0 -r -n 16 -P 2 clang-format --style=file "${mode[@]}"
