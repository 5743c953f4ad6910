#!/usr/bin/env bash
# Under load nothing that was acknowledged goes undelivered, doubled or reordered. Then, with the load over, the server is killed and
# started again, and its audit log is whole. What a kill in the middle of a run does is kill.sh.
source "$(dirname "$0")/../../script/common.sh"
bin=build/release/bin
data="$(mktemp -d)/load"
port=$((20000 + RANDOM % 20000))
server=0
trap '[ "$server" = 0 ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$(dirname "$data")"' EXIT

start() {
  "$bin/wardlined" --data "$data" >>"$data/server.log" 2>&1 &
  server=$!
  for _ in $(seq 100); do curl -sk --max-time 1 "https://localhost:$port/readyz" >/dev/null && return; sleep 0.1; done
  tail -3 "$data/server.log"; die "The server did not start."
}

"$bin/wardlined" init --data "$data" --port "$port" >/dev/null
sed -i 's/^# enabled = true/enabled = false/' "$data/wardline.toml"
"$bin/wardlined" load-accounts --data "$data" --count 24 >/dev/null
start
step "A load run of four seconds"
"$bin/wardline-load" --url "https://localhost:$port" --accounts "$data/load-accounts.json" --ca "$data/tls/server.pem" \
  --senders 12 --in-flight 4 --warm-up 1 --seconds 4 --json
step "Killed after the run, and started again"
kill -9 "$server"; wait "$server" 2>/dev/null || true
start
kill -TERM "$server"; wait "$server" 2>/dev/null || true; server=0
"$bin/wardline" audit verify "$data"
