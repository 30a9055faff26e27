#!/usr/bin/env bash
# Compiles each header under src/ by itself: whoever includes one must need no other before it.
# usage: tools/check_headers.sh [GIT-BASE]     with GIT-BASE, only headers changed since then
#
# An object file is made of a source that only includes the header, as ccache keeps objects and not
# syntax checks; without ccache the syntax is all that is checked. CXX chooses the compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -gt 0 ]; then
  headers=$({ git diff --name-only --diff-filter=d "$1" -- 'src/*.h'
              git ls-files --others --exclude-standard -- 'src/*.h'; } | sort -u)
else
  headers=$(git ls-files --cached --others --exclude-standard -- 'src/*.h' | sort -u)
fi

scratch=build/headers
mkdir -p "$scratch"
export CXX="${CXX:-g++}" scratch
if command -v ccache >/dev/null; then
  export launcher=ccache
else
  export launcher=
fi

# What CMake passes: see tools/cmake/compiler.cmake and src/app/CMakeLists.txt.
flags="-std=c++20 -Isrc -O0 -g0 -DSKALD_DEBUG -DSKALD_VERSION=\"\" -DSKALD_REVISION=\"\""
flags="$flags -Wall -Wextra -Werror -Wno-missing-field-initializers"
[ "$(uname -m)" != x86_64 ] || flags="$flags -march=x86-64-v2"
export flags

check() {
  local header=$1 stub log
  [ -e "$header" ] || return 0
  stub=$scratch/$(tr / _ <<<"${header#src/}").cc
  log=$stub.log
  local text="#include \"${header#src/}\""
  # Written once: a fresh time would make the next run slower.
  [ "$(cat "$stub" 2>/dev/null)" = "$text" ] || echo "$text" >"$stub"
  local how=(-c -o "$stub.o")
  [ -n "$launcher" ] || how=(-fsyntax-only)
  if ! $launcher "$CXX" $flags "${how[@]}" "$stub" >"$log" 2>&1; then
    echo "$header does not compile alone:"
    head -n 12 "$log"
    return 1
  fi
}
export -f check

printf '%s\n' $headers | xargs -r -P 2 -I{} bash -c 'check {}'
