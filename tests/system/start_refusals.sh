#!/usr/bin/env bash
# What the server cannot start from it refuses: status 78 (systemd does not try again), and one line on standard error that says what is
# wrong and what to do. Each case starts from the same good data directory and spoils one thing.
source "$(dirname "$0")/support/product.sh"
good="$work/good"
data="$good" make_data sqlite
cases=0

# spoilt: a fresh copy of the good directory, at $data.
spoilt() { rm -rf "$data"; cp -a "$good" "$data"; }

# refuses WHAT PATTERN [ARGUMENT...]: the server, with these arguments or on $data, refuses with a line that holds the pattern.
refuses() {
  local what="$1" pattern="$2" status=0
  shift 2
  [ $# -gt 0 ] || set -- --data "$data"
  timeout 30 "$bin/wardlined" "$@" >"$work/out" 2>"$work/err" || status=$?
  # What is for the operator's journal is JSON; what is for a person is the line that is looked at here.
  grep -v '^{' "$work/err" >"$work/said" || true
  [ "$status" = 78 ] || die "$what: status $status instead of 78. $(cat "$work/err")"
  [ "$(wc -l <"$work/said")" = 1 ] || die "$what: not one line: $(cat "$work/said")"
  grep -qE "^wardlined: .*$pattern" "$work/said" || die "$what: said '$(cat "$work/said")', not '$pattern'"
  ! grep -q . "$work/out" || die "$what: standard output is not empty: $(head -3 "$work/out")"
  cases=$((cases + 1))
}
configure() { sed -i "$1" "$data/wardline.toml"; }

step "Configuration"
rm -rf "$data"; mkdir -m 700 "$data"; refuses "no configuration" 'wardline.toml.*init'
spoilt; rm "$data/wardline.toml"; mkdir "$data/wardline.toml"; refuses "a configuration that cannot be read" 'wardline.toml'
spoilt; head -c 100 /dev/urandom >"$data/wardline.toml"; refuses "random bytes" 'wardline.toml line 1'
spoilt; echo 'nonsense' >>"$data/wardline.toml"; refuses "no TOML" 'wardline.toml line [0-9]+'
spoilt; configure 's/^# connections = .*/conections = 5/'
refuses "a setting that is not known" 'wardline.toml line [0-9]+: there is no setting limits.conections'
spoilt; printf '\n[nonsense]\na = 1\n' >>"$data/wardline.toml"; refuses "a section that is not known" 'there is no section \[nonsense\]'
spoilt; configure 's/^port = .*/port = "eighty"/'; refuses "a port that is no number" 'server.port must be a whole number'
spoilt; configure 's/^port = .*/port = 70000/'; refuses "a port that is none" 'server.port must be a whole number'
spoilt; configure 's/^origin = .*/origin = "http:\/\/localhost"/'; refuses "an origin without TLS" 'server.origin must be'
spoilt; configure 's/^address = .*/address = "nowhere"/'; refuses "an address that is none" 'is no IP address'
spoilt; configure 's/^engine = "sqlite".*/engine = "oracle"/'; refuses "an engine that is not known" 'storage.engine'
spoilt; configure 's/^engine = "sqlite".*/engine = "postgres"/'; refuses "PostgreSQL without saying where" 'storage.postgres'

step "Keys, certificates, rights"
spoilt; rm "$data/keys/kms.key"; refuses "no key file" 'key file'
spoilt; data="$work/other" make_data sqlite; cp "$work/other/keys/kms.key" "$data/keys/kms.key"; refuses "another database's key file" 'key file.*(other|another|not)'
spoilt; echo x >"$data/keys/kms.key"; refuses "a damaged key file" 'key file is damaged'
spoilt; chmod 644 "$data/keys/kms.key"; refuses "a key file that others may read" 'chmod 600'
spoilt; chmod 644 "$data/tls/server.key"; refuses "a TLS key that others may read" 'chmod 600'
spoilt; cp "$work/other/tls/server.pem" "$data/tls/server.pem"; refuses "certificate and key that differ" 'does not belong to the certificate'
spoilt; rm "$data/tls/server.pem"; refuses "no certificate" 'Cannot read the TLS certificate'
spoilt; echo x >"$data/tls/server.pem"; refuses "no certificate in its file" 'holds no PEM certificate'
spoilt; echo x >"$data/tls/server.key"; refuses "no key in its file" 'holds no PEM private key'
spoilt; chmod 755 "$data"; refuses "a data directory that others may read" 'chmod 700'
spoilt; configure 's/^# fips = false.*/fips = true/'; refuses "a FIPS provider that is not there" 'FIPS provider'
spoilt; configure 's|^# directory = .*|directory = "/nowhere"|'; refuses "a web client that is not there" '/nowhere'

step "Databases"
spoilt; sqlite3 "$data/wardline.db" "INSERT INTO schema_migrations VALUES (999999, 'to come', x'00', 0)"
refuses "a newer schema" 'newer version'
spoilt; sqlite3 "$data/wardline.db" "UPDATE schema_migrations SET checksum = x'00'"; refuses "an altered schema" 'schema change'
spoilt; rm -f "$data"/wardline.db-*; head -c 100000 /dev/urandom >"$data/wardline.db"; refuses "no database in its file" 'database is damaged|not a database'
spoilt; configure 's|^engine = "sqlite".*|engine = "postgres"\npostgres = "host=/nowhere dbname=wardline password=Zq9Xmarker"|'
refuses "PostgreSQL that is not there" 'PostgreSQL does not answer'
! grep -q Zq9Xmarker "$work/err" || die "The database's password is in the log."

step "The audit log"
# What contradicts itself needs a person, and must not go on to be signed; people can still read meanwhile.
# stalls WHAT CODE: the server starts, says that it is not ready, and why.
stalls() {
  : >"$work/server.log"
  launch
  for _ in $(seq 200); do grep -q "audit-log-stalled" "$work/server.log" && break; sleep 0.05; done
  grep -q "\"code\":\"$2\"" "$work/server.log" || die "$1: $(cat "$work/server.log")"
  [ "$(curl -sk -o /dev/null -w '%{http_code}' "$url/readyz")" = 503 ] || die "$1: the server says that it is ready."
  stop
  cases=$((cases + 1))
}
signed() { rm -rf "$data"; cp -a "$work/signed" "$data"; }
spoilt; start; stop; cp -a "$data" "$work/signed"
signed; echo 'other+00000000+AAAA' >"$data/audit/log.vkey"; stalls "the audit log of another server" audit-log-foreign
signed; echo x >>"$data/audit/checkpoint"; stalls "a damaged checkpoint" audit-log-damaged
signed; rm -rf "$data/audit/tile"; stalls "an audit log without its tiles" audit-log-damaged
signed; rm -rf "$data/audit"; echo x >"$data/audit"; refuses "no folder for the audit log" 'audit'

step "What is in use"
spoilt; start
refuses "a data directory in use" 'Another server is running on this data directory'
data2="$work/second"; cp -a "$good" "$data2"; refuses "a port in use" "$port.*(in use|use)" --data "$data2"
curl -sfk "$url/readyz" >/dev/null || die "The running server suffered."
stop
refuses "a directory made twice" 'has a wardline.toml already' init --data "$data"
start; stop  # And the good directory is still good.
note "$cases refusals, each one line and status 78"
