# Starts and stops the product for the tests of the whole: a server on a fresh data directory, a private PostgreSQL. Sourced.
source "$(dirname "${BASH_SOURCE[0]}")/../../../script/common.sh"
export PYTHONDONTWRITEBYTECODE=1
bin="${WARDLINE_BIN:-$ROOT/build/release/bin}"
work="$(mktemp -d)"
# Others' data directories refuse the server: ours is private, and PostgreSQL's user may pass through.
chmod 711 "$work"
data="$work/data"
port="$(test_port)"
url="https://localhost:$port"
server=0 postgres=0

clean_up() {
  [ "$server" = 0 ] || kill -9 "$server" 2>/dev/null || true
  end_postgres
  wait 2>/dev/null || true
  ! mountpoint -q "$data" || umount "$data"
  rm -rf "$work"
}
trap clean_up EXIT

as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi; }
postgres_bin() { ls -d /usr/lib/postgresql/*/bin | tail -1; }

# start_postgres: a durable one of our own on a socket; `conninfo` says where.
start_postgres() {
  local dir="$work/pg" pg
  pg="$(postgres_bin)"
  conninfo="host=$dir dbname=wardline user=wardline"
  if [ ! -d "$dir/data" ]; then
    mkdir -p "$dir"
    [ "$(id -u)" != 0 ] || chown postgres "$dir"
    (cd "$dir" && as_postgres "$pg/initdb" -D "$dir/data" -A trust -U wardline >"$work/initdb.log")
    run_postgres
    as_postgres "$pg/createdb" -h "$dir" -U wardline wardline
  else
    run_postgres
  fi
}
run_postgres() {
  local dir="$work/pg" pg
  pg="$(postgres_bin)"
  (cd "$dir" && as_postgres "$pg/postgres" -D "$dir/data" -k "$dir" -c listen_addresses=) >>"$work/pg.log" 2>&1 &
  for _ in $(seq 150); do
    if as_postgres "$pg/pg_isready" -q -h "$dir"; then postgres="$(head -1 "$dir/data/postmaster.pid")"; return; fi
    sleep 0.1
  done
  tail -5 "$work/pg.log"; die "PostgreSQL did not start."
}

# end_postgres: all of its processes at once, without a checkpoint: as if the machine had failed (immediate shutdown).
end_postgres() {
  [ "$postgres" != 0 ] || return 0
  kill -QUIT "$postgres" 2>/dev/null || true
  while kill -0 "$postgres" 2>/dev/null; do sleep 0.05; done
  postgres=0
}

# make_data ENGINE: a fresh data directory on sqlite or postgres.
make_data() {
  "$bin/wardlined" init --data "$data" --port "$port" >/dev/null
  sed -i 's/^# enabled = true/enabled = false/' "$data/wardline.toml"
  [ "$1" != postgres ] || rm -f "$data"/wardline.db*  # What init made, before it was told of PostgreSQL.
  [ "$1" = sqlite ] || sed -i "s|^engine = \"sqlite\".*|engine = \"postgres\"\npostgres = \"$conninfo\"|" "$data/wardline.toml"
}

# by_clock FILE: from now on the server, and nothing else, lives by the clock that this file sets: "+0", "+1d".
environment=()
by_clock() {
  local library
  library="$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null | head -1)"
  [ -n "$library" ] || die "libfaketime is missing: run script/setup."
  environment=(env "LD_PRELOAD=$library" "FAKETIME_TIMESTAMP_FILE=$1" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1)
}

# launch: the server, without waiting for it.  wait_ready: until it takes work.
launch() {
  "${environment[@]}" "$bin/wardlined" --data "$data" >>"$work/server.log" 2>&1 &
  server=$!
}
wait_ready() {
  for _ in $(seq 400); do
    curl -sfk --max-time 1 "$url/readyz" >/dev/null && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  tail -3 "$work/server.log"; die "The server did not start."
}
start() { launch; wait_ready; }
stop() { kill -TERM "$server"; wait "$server" || die "The server did not stop well: $(tail -1 "$work/server.log")"; server=0; }
kill_server() { kill -9 "$server"; wait "$server" 2>/dev/null || true; server=0; }
