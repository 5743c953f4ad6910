# Shared by the scripts in this folder: progress, and where tools are. Sourced, never run.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$ROOT}" CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros  # lets it keep what was compiled with a precompiled header
export PATH="$ROOT/build/tools/node/bin:$PATH"

started=$SECONDS
step() { printf '\n\033[1m[%3ds] %s\033[0m\n' "$((SECONDS - started))" "$*"; }
note() { printf '       %s\n' "$*"; }
die() { printf '\n%s\n' "$*" >&2; exit 1; }

# What builds in parallel: the cores, or what the caller says.
jobs() { echo "${WARDLINE_JOBS:-$(nproc)}"; }

# build PRESET [TARGET...]: configures once and builds.
build() {
  local preset="$1"; shift
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >"$(log_of "configure-$preset")" 2>&1 ||
    { tail -30 "$(log_of "configure-$preset")"; die "CMake could not configure '$preset'. Run script/setup first."; }
  cmake --build "build/$preset" -j "$(jobs)" ${1:+--target "$@"}
}
# A port for a test's own server: below those that the system gives to outgoing connections, or a connection of a client could
# stand in the way of the server's restart.
test_port() { echo "${WARDLINE_TEST_PORT:-$((20000 + RANDOM % 12000))}"; }
# What a guide tells its readers to type: its blocks of sh, in their order.
examples_of() { awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' "$1"; }
log_of() { mkdir -p build/log; echo "build/log/$1.log"; }
