#!/usr/bin/env bash
# The machine's clock jumps a day ahead and two days back while the server runs. Sequence numbers, ids and the audit log keep their
# order and stay whole, sessions end by time and never live longer for a clock set back, and no one-time code works twice.
source "$(dirname "$0")/support/product.sh"
by_clock "$work/clock"

for engine in sqlite postgres; do
  step "$engine"
  rm -rf "$data" "$work/state"
  echo "+0" >"$work/clock"
  [ "$engine" = sqlite ] || start_postgres
  make_data "$engine"
  "$bin/wardlined" load-accounts --data "$data" --count 6 >/dev/null
  start
  "$bin/wardline-load" --url "$url" --ca "$data/tls/server.pem" --accounts "$data/load-accounts.json" --state "$work/state" \
    --senders 2 --in-flight 1 --warm-up 0 --seconds 1 --json >/dev/null
  python3 "$ROOT/tests/system/support/clock_jumps.py" "$port" "$work/state" "$data/load-accounts.json" "$work/clock" ||
    die "$engine: not as it should be after a jump."
  # And killed while the clock was ahead, started again with it back: nothing waits for a time that is a day away.
  echo "+1d" >"$work/clock"; sleep 1.5
  kill_server
  echo "+0" >"$work/clock"
  start
  stop
  if [ "$engine" = postgres ]; then
    waiting="$(as_postgres psql -h "$work/pg" -U wardline wardline -Atc \
      'SELECT (SELECT count(*) FROM audit_entries) - (SELECT sum(entries) FROM audit_places WHERE log_id = 1)')"
    [ "$waiting" = 0 ] || die "$waiting entries wait to be signed until the clock is where it was."
  fi
  "$bin/wardline" audit verify "$data"
  python3 - "$data/audit" "$ROOT/tests/system/support" <<'PY'
import pathlib, sys
sys.path.insert(0, sys.argv[2])
import audit_entries
ids = [entry["id"] for entry in audit_entries.entries(pathlib.Path(sys.argv[1]))]
assert len(ids) == len(set(ids)), "an audit entry's id comes twice"
PY
done
