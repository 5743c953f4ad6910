#!/usr/bin/env bash
# The disk under the data directory fills up while people write. Sends are turned away with a clear error, nothing acknowledged is lost,
# reading goes on, health checks tell; when space returns the server goes on by itself. Needs a small file system of its own: a tmpfs in
# a private mount namespace, as root or, where the kernel lets ordinary users have one, in a user namespace.
source "$(dirname "$0")/support/product.sh"
if [ "${1:-}" != inside ]; then
  namespace=(unshare -m --propagation private)
  [ "$(id -u)" = 0 ] || namespace=(unshare -rm --propagation private)
  if "${namespace[@]}" sh -c "mount -t tmpfs none '$work'" 2>/dev/null; then rmdir "$work"; exec "${namespace[@]}" "$0" inside; fi
  note "NOT RUN: this machine lets nobody but root mount a file system. Run it as root."
  exit 0
fi

mkdir -m 700 "$data"
mount -t tmpfs -o size=40m,mode=700 none "$data"
make_data sqlite
"$bin/wardlined" load-accounts --data "$data" --count 6 >/dev/null
cp "$data/load-accounts.json" "$data/tls/server.pem" "$work/"  # The generator keeps its files elsewhere.
start
load() {
  "$bin/wardline-load" --url "$url" --ca "$work/server.pem" --accounts "$work/load-accounts.json" --state "$work/state" \
    --senders 6 --in-flight 4 --bytes 2000 --rate 1000 --warm-up 0 --json "$@"
}
: >"$work/ledger"
field() { python3 -c "import json,sys; print(json.load(open('$work/load.json'))['$1'])"; }
ready() { curl -sk -o /dev/null -w '%{http_code}' --max-time 2 "$url/readyz"; }
check() { load --verify "$work/ledger" >"$work/verified" || die "$1: $(cat "$work/verified")"; }
fill() { dd if=/dev/zero of="$data/balloon" bs=64k 2>/dev/null || true; dd if=/dev/zero of="$data/balloon2" bs=512 2>/dev/null || true; }

step "Sends while there is space"
load --seconds 1 --record "$work/ledger" >"$work/load.json"
[ "$(field refused)" = 0 ] || die "Sends were refused with space left: $(cat "$work/load.json")"

for round in 1 2 3; do
  step "Round $round: the disk is full"
  fill
  # What the write-ahead log has room for is still taken; then nothing is.
  for _ in $(seq 20); do
    load --seconds 1 --record "$work/ledger" >"$work/load.json" || true
    [ "$(field acknowledged)" != 0 ] || break
  done
  [ "$(field acknowledged)" = 0 ] || die "Sends go on being acknowledged on a full disk: $(cat "$work/load.json")"
  [ "$(field refused)" != 0 ] || die "Sends are not refused but left without an answer: $(cat "$work/load.json")"
  [ "$(field cut_off)" = False ] || die "A full disk closes sockets: $(cat "$work/load.json")"
  python3 "$ROOT/tests/system/support/full_disk.py" "$port" "$work/state" || die "Requests on a full disk are not answered as they should be."
  check "On the full disk"
  [ "$(ready)" = 503 ] || die "The server says that it is ready on a full disk."
  if [ "$round" = 2 ]; then
    kill_server
    launch
    for _ in $(seq 100); do [ "$(ready)" != 000 ] && break; kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
    kill -0 "$server" 2>/dev/null || note "started on a full disk the server refuses: $(tail -1 "$work/server.log")"
  fi

  step "Round $round: space returns"
  rm -f "$data/balloon" "$data/balloon2"
  kill -0 "$server" 2>/dev/null || launch
  for _ in $(seq 150); do [ "$(ready)" = 200 ] && break; sleep 0.1; done
  [ "$(ready)" = 200 ] || die "The server does not recover. $(tail -3 "$work/server.log")"
  load --seconds 1 --record "$work/ledger" >"$work/load.json"
  [ "$(field refused)" = 0 ] || die "Sends are refused after space has returned: $(cat "$work/load.json")"
  check "With space again"
done
stop
"$bin/wardline" audit verify "$data"
python3 "$ROOT/tests/system/support/audit_entries.py" "$data" "$work/verified" || die "The audit log and the messages differ."
