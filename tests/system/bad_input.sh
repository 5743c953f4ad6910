#!/usr/bin/env bash
# Every endpoint of docs/openapi.yaml under bad input: what cannot be understood, what is not the caller's, what was used before, what is too
# much, what comes after the session's end. (The device socket: bad_socket.sh.) Each refusal is a documented RFC 9457 problem that
# repeats nothing; what matters is in the audit log; nothing that was sent is in the server's log; the server is as well afterwards.
source "$(dirname "$0")/support/product.sh"

echo "+0" >"$work/clock"
by_clock "$work/clock"
make_data sqlite
"$bin/wardlined" demo-data --data "$data" >/dev/null
"$bin/wardlined" load-accounts --data "$data" --count 12 >/dev/null
start
"$bin/wardline-load" --url "$url" --ca "$data/tls/server.pem" --accounts "$data/load-accounts.json" --state "$work/state" \
  --senders 4 --in-flight 1 --warm-up 0 --seconds 1 --json >/dev/null

python3 "$ROOT/tests/system/support/bad_input.py" "$port" "$work/state" "$data/demo-accounts.json" "$data/load-accounts.json" \
  "$work/clock" ||
  die "Bad requests were not answered as they should be."

step "Afterwards"
curl -sfk "$url/readyz" >/dev/null || die "The server is not well afterwards."
! grep -q Zq9X "$work/server.log" || die "The log repeats what was sent: $(grep -m1 Zq9X "$work/server.log")"
! grep -E '"(handler-threw|worker-task-threw|group-commit-bug|request-failed)"' "$work/server.log" || die "Something went wrong inside."
stop
"$bin/wardline" audit verify "$data"
python3 "$ROOT/tests/system/support/refusals_on_record.py" "$data/audit" || die "What should be on record is not."
