#!/usr/bin/env bash
# The server is killed in the middle of a load run, again and again. After each restart no acknowledged message is missing, altered or
# doubled, sequence numbers have no gap, what was cut off can be sent again and is there once; the audit log is whole as it was left, and after. At the end
# each message has exactly one audit entry. On PostgreSQL every third round ends PostgreSQL as well, at once (immediate shutdown), and every
# sixth PostgreSQL alone.
# usage: tests/system/kill.sh [ROUNDS [ENGINE...]]     default: 50 rounds on sqlite, 18 on postgres
source "$(dirname "$0")/support/product.sh"
asked_rounds="${1:-}"
engines=("${@:2}")
[ "${#engines[@]}" -gt 0 ] || engines=(sqlite postgres)

# load ARGUMENT...: the same devices and conversations in every round
generator=("$bin/wardline-load" --url "$url" --ca "$data/tls/server.pem" --accounts "$data/load-accounts.json" --state "$work/state"
  --senders 8 --in-flight 4 --bytes 300 --rate 1500 --warm-up 0 --json)
load() { "${generator[@]}" "$@"; }
acknowledged() { grep -c ^acknowledged "$work/ledger" || true; }

check() {  # everything that was ever promised, through the API
  load --verify "$work/ledger" >"$work/verified" || die "Round $1 on $2: $(cat "$work/verified")"
}

# As the kill has left it, or below the hands of the server that goes on. On PostgreSQL the folder alone has to prove itself.
audit() { "$bin/wardline" audit verify "$data" >"$work/audit" 2>&1 || die "Round $1 on $2: $(cat "$work/audit")"; }

more_than() { for _ in $(seq 200); do [ "$(acknowledged)" -gt "$1" ] && return; sleep 0.05; done; return 1; }

round() {  # round NUMBER ENGINE
  local before sending
  before="$(acknowledged)"
  # Not through the function: what is killed would be the shell around the generator, and that would go on sending.
  "${generator[@]}" --seconds 60 --record "$work/ledger" >"$work/load.json" 2>"$work/load.err" &
  sending=$!
  # Not before something has been promised in this round: signing in takes a moment.
  more_than "$before" || die "Round $1 on $2: nothing was acknowledged. $(cat "$work/load.err"; tail -3 "$work/server.log")"
  sleep "0.$((RANDOM % 8))$((RANDOM % 10))"
  if [ "$2" = postgres ] && [ $(($1 % 6)) = 0 ]; then
    # Only PostgreSQL ends. The server stays, refuses meanwhile, and goes on by itself.
    end_postgres; start_postgres
    more_than "$(acknowledged)" || die "Round $1: the server does not go on after PostgreSQL came back. $(tail -3 "$work/server.log")"
    kill -9 "$sending"
  elif [ "$2" = postgres ] && [ $(($1 % 3)) = 0 ]; then
    end_postgres; kill_server; start_postgres
  else
    kill_server
  fi
  wait "$sending" 2>/dev/null || true
  audit "$1" "$2"
  [ "$server" != 0 ] || start
  audit "$1" "$2"
  check "$1" "$2"
}

for engine in "${engines[@]}"; do
  rounds="${asked_rounds:-50}"
  [ -n "$asked_rounds" ] || [ "$engine" = sqlite ] || rounds=18
  step "$engine: $rounds rounds of load, kill, restart, comparison"
  rm -rf "$data" "$work/state" "$work/ledger"
  : >"$work/ledger"
  [ "$engine" = sqlite ] || start_postgres
  make_data "$engine"
  "$bin/wardlined" load-accounts --data "$data" --count 8 >/dev/null
  start
  for number in $(seq "$rounds"); do
    round "$number" "$engine"
    [ $((number % 10)) != 0 ] || note "$number rounds, $(acknowledged) acknowledged messages, none missing, none doubled"
  done
  # What the last kill cut off is sent again, so that it is known of everything sent that it is there once.
  load --seconds 1 --record "$work/ledger" >/dev/null || die "$engine: the last run failed."
  check last "$engine"
  stop
  "$bin/wardline" audit verify "$data"
  python3 "$ROOT/tests/system/support/audit_entries.py" "$data" "$work/verified" || die "$engine: the audit log and the messages differ."
done
