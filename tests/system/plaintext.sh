#!/usr/bin/env bash
# What must not be found is planted through the real product, by browsers and through the API, on both engines: message text, titles,
# patients' names and record numbers, search words, passwords, activation codes, secrets of one-time codes, session tokens. Then the
# database, its write-ahead log, every file of the data directory, the logs, the audit log, and the server's memory and core are searched,
# in UTF-8, UTF-16, hexadecimal and base64. Content must be nowhere, ever. The rest must be nowhere on disk, and, once used, not be left
# in memory. usage: tests/system/plaintext.sh [--without-browsers]
source "$(dirname "$0")/support/product.sh"
browsers=yes; [ "${1:-}" != --without-browsers ] || browsers=no
plaintext() { python3 "$ROOT/tests/system/support/plaintext.py" "$@"; }

step "The search finds what it looks for"
plaintext control "$work" || die "The search misses a form of its needle."
[ "$browsers" = no ] || script/build-web >/dev/null

launch() {
  local web=(); [ "$browsers" = no ] || web=(--web "$ROOT/web/dist")
  mkdir -p "$work/core"
  (cd "$work/core" && ulimit -c unlimited 2>/dev/null; exec "$bin/wardlined" --data "$data" "${web[@]}") >>"$work/server.log" 2>&1 &
  server=$!
}

for engine in sqlite postgres; do
  step "$engine: planting"
  rm -rf "$data"
  [ "$engine" = sqlite ] || start_postgres
  make_data "$engine"
  "$bin/wardlined" demo-data --data "$data" >/dev/null
  mkdir -p "$work/handed-out"; mv "$data"/demo-accounts.* "$work/handed-out/"  # Passwords on paper: not the server's.
  start
  plaintext plant "$port" "$work/handed-out/demo-accounts.json" "$work/needles"
  if [ "$browsers" = yes ]; then
    (cd web && WARDLINE_URL="$url" WARDLINE_ACCOUNTS="$work/handed-out/demo-accounts.json" npm run --silent test:journey -- --grep "two colleagues" >"$work/journey.log" 2>&1) ||
      { tail -20 "$work/journey.log"; die "The browsers' journey failed."; }
  fi
  sleep 3  # What is in use may be in memory; what has been used may not.

  step "$engine: searching"
  places=("$data" "$work/server.log")
  [ "$engine" = sqlite ] || places+=("$work/pg" "$work/pg.log")
  plaintext search "$work/needles" disk "${places[@]}" || die "$engine: found on disk, with the server running."
  if head -c 1 "/proc/$server/mem" 2>&1 | grep -q 'ermission'; then
    note "MEMORY NOT SEARCHED: this machine lets nobody but root read a process's memory."
  else
    plaintext search "$work/needles" memory "process:$server" || die "$engine: found in the server's memory."
  fi
  kill -ABRT "$server"; wait "$server" 2>/dev/null || true
  if compgen -G "$work/core/core*" >/dev/null; then
    plaintext search "$work/needles" memory "$work"/core/core* || die "$engine: found in the server's core."
    rm -f "$work"/core/core*
  else
    note "CORE NOT SEARCHED: cores go to $(cat /proc/sys/kernel/core_pattern), which is not this directory."
  fi
  start; stop
  plaintext search "$work/needles" disk "${places[@]}" || die "$engine: found on disk, with the server stopped."
done
