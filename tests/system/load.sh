#!/usr/bin/env bash
# The operator's guide to measuring a machine, as it stands: under load nothing that was acknowledged goes undelivered, doubled or
# reordered. Then the server is killed and started again, and its audit log is whole. What a kill in the middle of a run does is kill.sh.
source "$(dirname "$0")/../../script/common.sh"
export PATH="$ROOT/build/release/bin:$PATH"
place="$(mktemp -d)"
port="$(test_port)"
trap 'pkill -9 -f "wardlined --data $place/measured" || true; rm -rf "$place"' EXIT

step "Every command of docs/guides/operator.md that measures"
examples_of docs/guides/operator.md |
  sed "s|8443|$port|g; s|--data measured|--data $place/measured|g; s| measured/| $place/measured/|g; s|>measured/|>$place/measured/|" >"$place/guide.sh"
grep -q wardline-load "$place/guide.sh" || die "The guide measures nothing."
bash -euo pipefail "$place/guide.sh" >"$place/report.json"
tail -1 "$place/report.json" | tee /dev/stderr | python3 -c '
import json, sys
report = json.loads(sys.stdin.read())
bad = {key: report[key] for key in ("lost", "doubled", "reordered", "refused") if report[key] != 0}
assert not bad and report["acknowledged"] > 0 and report["server_cpu_us_per_send"] > 0, report'

step "An account that has signed in is refused with what to do"
again="$(wardline-load --url "https://localhost:$port" --ca "$place/measured/tls/server.pem" --accounts "$place/measured/load-accounts.json" --senders 2 2>&1)" &&
  die "It signed in twice."
[[ "$again" == *"--state FILE"* ]] || die "It does not say what to do: $again"

step "Killed, and started again"
pkill -9 -f "wardlined --data $place/measured"
while pgrep -f "wardlined --data $place/measured" >/dev/null; do sleep 0.1; done  # Until then the directory is in use.
wardlined --data "$place/measured" 2>>"$place/measured/server.log" &
server=$!
for _ in $(seq 100); do curl -sk --max-time 1 "https://localhost:$port/readyz" >/dev/null && break; sleep 0.1; done
kill -TERM "$server"; wait "$server" || die "It did not start again: $(tail -3 "$place/measured/server.log")"
wardline audit verify "$place/measured"
