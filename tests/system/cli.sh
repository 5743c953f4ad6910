#!/usr/bin/env bash
# `wardline` as people and scripts use it, against the real server: every example of docs/guides/command-line.md, a client that is
# killed between and within sends, the bot of the guide, a browser at the other end, a log of devices that was rolled back, and a device
# that is revoked.
source "$(dirname "$0")/../../script/common.sh"
bin="$ROOT/build/release/bin"
place="$(mktemp -d)"
data="$place/hospital"
port="$(test_port)"
server=0 bot=0
end() { for each in "$server" "$bot"; do [ "$each" = 0 ] || kill -9 "$each" 2>/dev/null || true; done; rm -rf "$place"; }
trap end EXIT

build release wardlined wardline wardline-echo-bot >"$(log_of build-cli)" 2>&1 || die "The build failed: build/log/build-cli.log"
"$bin/wardlined" init --data "$data" --port "$port" >/dev/null
"$bin/wardlined" demo-data --data "$data" >/dev/null
script/build-web
start_server() {
  "$bin/wardlined" --data "$data" --web web/dist >>"$data/server.log" 2>&1 &
  server=$!
  for _ in $(seq 100); do curl -sk --max-time 1 "https://localhost:$port/readyz" >/dev/null && return; sleep 0.1; done
  die "The server does not answer: $(tail -3 "$data/server.log")"
}
stop_server() { kill -TERM "$server"; wait "$server" 2>/dev/null || true; server=0; }
start_server

export SERVER="https://localhost:$port" CA="$data/tls/server.pem" HOME="$place" PATH="$bin:$PATH"
unset XDG_DATA_HOME WARDLINE_PROFILE
account() { jq -r --arg who "$1" --arg what "$2" '.accounts[] | select(.username == $who) | .[$what]' "$data/demo-accounts.json"; }
as() {  # as NAME COMMAND...: in that person's place
  local name="$1"; shift
  WARDLINE_USERNAME="$name" WARDLINE_PROFILE="$place/profiles/$name" WARDLINE_SECOND_FACTOR_FILE="$place/$name.totp" \
    WARDLINE_PASSWORD="$(account "$name" password)" WARDLINE_ACTIVATION_CODE="$(account "$name" activation_code)" "$@"
}
expect() { [ "$1" = "$2" ] || die "Expected '$2', got '$1': $3"; }
has() { jq -rs --arg text "$2" "[.[] | select(.text == \$text)] | length" <<<"$1"; }  # has MESSAGES TEXT: how often
ruth() { as ruth.cohen env WARDLINE_PROFILE="$place/.local/share/wardline" WARDLINE_SECOND_FACTOR_FILE="$place/ruth.totp" "$@"; }
status_of() { local status=0; "$@" >"$place/out" 2>"$place/err" || status=$?; echo "$status"; }

step "Three people become devices from the command line"
for name in samuel.price grace.okafor kwame.mensah; do
  as "$name" wardline enrol --server "$SERVER" --ca "$CA" >/dev/null
done

step "Every example of the guide"
examples_of docs/guides/command-line.md >"$place/guide.sh"
[ "$(wc -l <"$place/guide.sh")" -gt 20 ] || die "The guide has no examples."
(cd "$place" && WARDLINE_PASSWORD="$(account ruth.cohen password)" WARDLINE_ACTIVATION_CODE="$(account ruth.cohen activation_code)" \
  bash -euo pipefail guide.sh >"$place/guide.out")
grep -q "Sent as #" "$place/guide.out" || die "The guide's examples sent nothing."
huddle="$(cat "$place/huddle")"
expect "$(as samuel.price wardline read "@Ruth Cohen" --all --json | jq -rs '[.[] | select(.kind == "text") | .text] | join("|")')" \
  "Could you look in on bed 12?|Potassium is back: 4.1.|Rounds at nine.|The scan of bed 12." "what Samuel reads"
mkdir "$place/saved"
as samuel.price wardline read "@Ruth Cohen" --all --save "$place/saved" >/dev/null
cmp "$place/scan.pdf" "$place/saved/scan.pdf" || die "Samuel has another file than Ruth sent."
as samuel.price wardline read "@Ruth Cohen" --all --save "$place/saved" --json | jq -es 'map(.attachments // [] | .[]) | map(.saved | endswith("scan (1).pdf")) == [true]' >/dev/null ||
  die "A file of the same name was overwritten, or is not beside the first."
expect "$(as samuel.price wardline read "$(cat "$place/about-williams")" --json | jq -rs '.[-1] | .priority + " " + .text')" \
  "urgent Potassium 6.8, please bring calcium gluconate." "the message about the patient"
as grace.okafor wardline read "$huddle" --all --json | jq -es 'any(.kind == "membership" and (.removed | length == 1))' >/dev/null ||
  die "Grace does not see who was removed."
expect "$(status_of as kwame.mensah wardline send "$huddle" </dev/null)" 1 "nothing to send"
expect "$(echo "Still there?" | status_of as kwame.mensah wardline send "$huddle")" 1 "who was removed writes no more"

step "Nobody is picked, nobody unchecked is written to"
expect "$(status_of as samuel.price wardline start "Anna Schmidt" --text-from /dev/null)" 5 "two people of one name"
grep -q Cardiology "$place/err" && grep -q Oncology "$place/err" || die "The candidates are not told apart: $(cat "$place/err")"
expect "$(status_of as samuel.price wardline start "Omar Haddad")" 5 "a first-time recipient"
expect "$(status_of as samuel.price wardline start "Omar Haddad" --confirm "Omar Haddad=Oncology")" 5 "a wrong confirmation"
expect "$(WARDLINE_PROFILE="$place/nobody" status_of wardline conversations)" 4 "a profile without a device"

step "Killed again and again between and within sends: each message once, in order"
for number in $(seq 12); do
  id="$(cat /proc/sys/kernel/random/uuid)"
  for attempt in 1 2 3 4 5 6; do
    echo "message $number" | as samuel.price timeout -s KILL "0.$((RANDOM % 4))$((RANDOM % 10))" wardline send "@Ruth Cohen" --id "$id" >/dev/null 2>&1 && break
    [ "$attempt" -lt 6 ] || echo "message $number" | as samuel.price wardline send "@Ruth Cohen" --id "$id" >/dev/null
  done
done
expect "$(ruth wardline read "@Samuel Price" --all --json |
  jq -rs '[.[] | select(.kind == "text" and .own == false) | .text] | join(",")')" \
  "$(seq -s, -f 'message %g' 12)" "what Ruth has"

step "The bot of the guide answers each question once, also one that came while it was down"
start_bot() {
  BOT_PASSWORD="$(account kwame.mensah password)" BOT_TOTP="$(cat "$place/kwame.mensah.totp")" \
    wardline-echo-bot "$place/profiles/kwame.mensah" kwame.mensah 2>>"$place/bot.err" &
  bot=$!
}
answered() {  # answered TEXT: waits until the bot has
  for _ in $(seq 60); do
    messages="$(as samuel.price wardline read "$asked" --all --json)"
    [ "$(has "$messages" "You said: $1")" = 0 ] || return 0
    sleep 0.5
  done
  die "The bot does not answer '$1': $(cat "$place/bot.err")"
}
start_bot
asked="$(echo "Is anybody there?" | as samuel.price wardline start "Kwame Mensah" --confirm "Kwame Mensah=Locum physician" --confirm cross-service --text-from -)"
answered "Is anybody there?"
kill -9 "$bot"; wait "$bot" 2>/dev/null || true; bot=0
echo "And now?" | as samuel.price wardline send "$asked" >/dev/null
start_bot
answered "And now?"
for text in "Is anybody there?" "And now?"; do expect "$(has "$messages" "You said: $text")" 1 "answers to '$text'"; done
kill -9 "$bot"; wait "$bot" 2>/dev/null || true; bot=0

step "A browser and a command line write to each other"
(cd web && WARDLINE_URL="$SERVER" WARDLINE_ACCOUNTS="$data/demo-accounts.json" WARDLINE_CLI="$bin/wardline" WARDLINE_CA="$CA" npm run --silent test:command-line)

step "A log of devices that was rolled back holds all sending, and is said aloud (ENC-8)"
stop_server
cp -a "$data" "$place/older"
start_server
logged() { sed -n 2p "$data/device-log/checkpoint"; }
before="$(logged)"
as omar.haddad wardline enrol --server "$SERVER" --ca "$CA" >/dev/null
for _ in $(seq 100); do [ "$(logged)" = "$before" ] || break; sleep 0.2; done
ruth wardline conversations >/dev/null
stop_server
mv "$data" "$place/newer"; cp -a "$place/older" "$data"
start_server
expect "$(echo "Held." | status_of ruth wardline send "@Samuel Price")" 8 "sending is on hold"
grep -q "SENDING IS ON HOLD" "$place/err" || die "Nobody is told that sending is on hold: $(cat "$place/err")"
expect "$(status_of ruth wardline read "@Samuel Price" --all --json)" 8 "reading says it too"
expect "$(jq -rs 'map(.device_log_alarm) | unique | join(",")' "$place/out")" "rolled-back" "what each object says"
expect "$(jq -r .device_log_alarm "$place/err")" "rolled-back" "what the error says"
expect "$(has "$(as samuel.price wardline read "@Ruth Cohen" --all --json)" "Held.")" 0 "what went out"
stop_server
rm -rf "$data"; mv "$place/newer" "$data"
start_server
expect "$(status_of ruth wardline conversations)" 0 "the whole log is back"
expect "$(has "$(as samuel.price wardline read "@Ruth Cohen" --all --json)" "Held.")" 1 "what was held"

step "A revoked device's state cannot be opened (DEV-2)"
! grep -rqa "calcium gluconate" "$place/profiles" "$place/.local" || die "A message lies on disk in clear."
copy="$place/copy"; cp -a "$place/profiles/samuel.price" "$copy"
device="$(as samuel.price wardline device list --json | jq -r 'select(.this_device).device_id')"
as samuel.price env WARDLINE_PROFILE="$place/second" wardline sign-in --server "$SERVER" --ca "$CA" --second-factor-file "$place/samuel.price.totp" >/dev/null
as samuel.price env WARDLINE_PROFILE="$place/second" wardline device revoke "$device" >/dev/null
expect "$(status_of as samuel.price wardline read "@Ruth Cohen" --all)" 7 "the revoked device"
expect "$(status_of as samuel.price env WARDLINE_PROFILE="$copy" wardline read "@Ruth Cohen" --all)" 7 "a copy of the revoked device"
expect "$(as samuel.price env WARDLINE_PROFILE="$place/second" wardline conversations --json | jq -rs 'map(select(.membership == "joined")) | length > 0')" true "the person's other device"

stop_server
"$bin/wardline" audit verify "$data"
