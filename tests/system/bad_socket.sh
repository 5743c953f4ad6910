#!/usr/bin/env bash
# The device socket and the listener under bad input: upgrades, frames and words that are not what they should be, floods, slow readers,
# slow and half-open connections, crowds. Each is refused or bounded, others are served meanwhile, and the server is well afterwards.
source "$(dirname "$0")/support/product.sh"

make_data sqlite
sed -i '/^\[limits\]/a handshake_seconds = 2\nheader_seconds = 2\nbody_seconds = 3\nidle_seconds = 3' "$data/wardline.toml"
sed -i 's/^# connections_per_address = 512/connections_per_address = 64/' "$data/wardline.toml"
"$bin/wardlined" load-accounts --data "$data" --count 4 >/dev/null
start
"$bin/wardline-load" --url "$url" --ca "$data/tls/server.pem" --accounts "$data/load-accounts.json" --state "$work/state" \
  --senders 4 --in-flight 1 --warm-up 0 --seconds 1 --json >/dev/null
python3 "$ROOT/tests/system/support/bad_socket.py" "$port" "$work/state" "$server" || die "The listener is not as it should be."
curl -sfk "$url/readyz" >/dev/null || die "The server is not well afterwards."
! grep -q Zq9X "$work/server.log" || die "The log repeats what was sent: $(grep -m1 Zq9X "$work/server.log")"
stop
"$bin/wardline" audit verify "$data"
