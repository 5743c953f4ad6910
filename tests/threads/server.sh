#!/usr/bin/env bash
# The server under ThreadSanitizer, whole, on both engines: people write, join a group, sign in, search and have devices revoked while its
# certificate is renewed and its figures are read; it is killed under load; its sockets get what they should not. Then no thread may have
# touched what another was changing, and no two locks may have been taken in both orders. usage: tests/threads/server.sh [SECONDS]
export WARDLINE_BIN; WARDLINE_BIN="$(mktemp -d)"
reports="$WARDLINE_BIN/reports"
export TSAN_OPTIONS="log_path=$reports/report second_deadlock_stack=1"
source "$(dirname "$0")/../system/support/product.sh"
clean_up_here() { clean_up; rm -rf "$WARDLINE_BIN"; }
trap clean_up_here EXIT
seconds="${1:-8}"
mkdir "$reports"
build tsan wardlined >"$(log_of build-tsan)" 2>&1 || die "The build failed: build/log/build-tsan.log"
build release wardline wardline-load >"$(log_of build-cli)" 2>&1 || die "The build failed: build/log/build-cli.log"
ln -s "$ROOT"/build/tsan/bin/wardlined "$ROOT"/build/release/bin/{wardline,wardline-load} "$WARDLINE_BIN/"

none_reported() {
  [ -z "$(ls "$reports")" ] || { head -60 "$reports"/*; die "ThreadSanitizer found $(cat "$reports"/* | grep -c '^SUMMARY:') races or inversions."; }
}
load() { "$bin/wardline-load" --url "$url" --ca "$data/tls/server.pem" "$@" --json; }

for engine in sqlite postgres; do
  step "$engine: everybody at once, for $seconds seconds"
  rm -rf "$data" "$work/state"
  [ "$engine" = sqlite ] || start_postgres
  make_data "$engine"
  figures=$((port + 1))
  sed -i -e "s|^enabled = false|enabled = true\nport = $figures|" -e 's|^# threads = 0|threads = 3|' "$data/wardline.toml"
  "$bin/wardlined" demo-data --data "$data" >/dev/null
  "$bin/wardlined" load-accounts --data "$data" --count 20 >/dev/null
  jq '.accounts |= .[:8]' "$data/load-accounts.json" >"$work/writers.json"
  jq '.accounts |= .[8:]' "$data/load-accounts.json" >"$work/group.json"
  start
  (while curl -sf "http://127.0.0.1:$figures/metrics" >/dev/null; do kill -HUP "$server"; sleep 0.2; done) &
  restless=$!
  load --accounts "$work/group.json" --senders 12 --fan-out 100 >"$work/group.out" 2>&1 & group=$!
  python3 "$ROOT/tests/threads/people.py" "$port" "$data/demo-accounts.json" "$seconds" & people=$!
  load --accounts "$work/writers.json" --senders 8 --in-flight 8 --warm-up 0 --seconds "$seconds" >"$work/writers.out" 2>&1 ||
    die "The writers: $(cat "$work/writers.out")"
  wait "$group" || die "The group: $(cat "$work/group.out")"
  wait "$people" || die "The people were not served as they should be."
  kill "$restless"; wait "$restless" 2>/dev/null || true
  note "$(jq .acknowledged "$work/writers.out") messages of eight writers, $(jq .messages "$work/group.out") to a group of twelve"
  [ "$(grep -c certificate-reloaded "$work/server.log")" -gt 1 ] || die "The certificate was not renewed."
  none_reported
  stop
  none_reported
  "$bin/wardline" audit verify "$data" >/dev/null
done

step "Killed under load, and with hostile sockets"
"$ROOT/tests/system/kill.sh" 3 >"$work/out" 2>&1 || die "$(tail -5 "$work/out")"
none_reported
"$ROOT/tests/system/bad_socket.sh" >"$work/out" 2>&1 || die "$(tail -5 "$work/out")"
none_reported
