#!/usr/bin/env bash
# From an empty machine to a message, without the demonstration's data: the examples of docs/guides/administrator.md add an organisation's
# first people, and two of them sign in with what was handed to them and write to each other. What is wrong adds nobody.
source "$(dirname "$0")/support/product.sh"
build release wardlined wardline >"$(log_of build-first-people)" 2>&1 || die "The build failed: build/log/build-first-people.log"
guide="$ROOT/docs/guides/administrator.md" data="$work/ward"
export PATH="$bin:$PATH"
cd "$work"

step "Every example of the guide"
examples_of "$guide" | sed "s|8443|$port|" >guide.sh
grep -q add-people guide.sh || die "The guide adds nobody."
bash -euo pipefail guide.sh
[ "$(stat -c %a first-sign-in.txt)" = 600 ] || die "Others can read the passwords."

refuses() {  # refuses WHAT REASON FROM [ACCOUNTS]: the reason is said, and no file of accounts left
  local said
  said="$(wardlined add-people --data ward --from "$3" --accounts "${4:-none.txt}" 2>&1)" && die "$1: taken."
  [[ "$said" == *"$2"* ]] || die "$1: $said"
  [ ! -e none.txt ] || die "$1: a file of accounts was left."
}
step "What is wrong adds nobody, and says so"
sed 's/"username": "/&new./' people.json >new.json
sed 's/"nurse"/"matron"/' new.json >matron.json
refuses "people who are there" "ines.duarte has an account already" people.json
refuses "a role that is none" "people[2].role" matron.json
refuses "a file that is there" "first-sign-in.txt" new.json first-sign-in.txt
start
refuses "a directory in use" "Another server is running" new.json

step "They sign in, and write to each other"
as() {  # as NAME COMMAND...: with what was handed to them
  local name="$1" line; shift
  read -ra line < <(grep "^$name " first-sign-in.txt)
  WARDLINE_USERNAME="$name" WARDLINE_PASSWORD="${line[1]}" WARDLINE_ACTIVATION_CODE="${line[2]}" \
    WARDLINE_PROFILE="$work/$name" WARDLINE_SECOND_FACTOR_FILE="$work/$name.totp" "$@"
}
for name in ines.duarte lena.brandt omar.haddad; do
  as "$name" wardline enrol --server "$url" --ca ward/tls/server.pem >/dev/null
done
talk="$(echo "Bed 12 is ready." | as lena.brandt wardline start "Omar Haddad" --confirm "Omar Haddad=Registered nurse" --text-from - --json |
  jq -r .conversation_id)"
heard="$(as omar.haddad wardline read "@Lena Brandt" --all --json | jq -r 'select(.kind == "text").text')"
[ "$heard" = "Bed 12 is ready." ] || die "Omar read: $heard"

step "Others join later, and who was there goes on"
stop
wardlined add-people --data ward --from new.json --accounts later.txt
start
echo "And bed 13." | as lena.brandt wardline send "$talk" >/dev/null
as omar.haddad wardline people "Inês Duarte" --json | jq -es 'length == 2' >/dev/null || die "Who joined later is not in the directory."
status=0; as omar.haddad wardline send "@Lena Brandt" <<<"Which one?" >said 2>&1 || status=$?
[ "$status" = 5 ] || die "Of two people called Lena Brandt one was picked: $(cat said)"
stop
wardline audit verify ward
