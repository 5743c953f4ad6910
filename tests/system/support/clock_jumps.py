"""Jumps a server's clock, and looks at what people then get.

usage: clock_jumps.py PORT STATE_JSON ACCOUNTS_JSON CLOCK_FILE
"""
import json
import pathlib
import sys
import time

from wardline import Caller, Person, application_message, b64, new_id, totp_code

DAY = 24 * 3600
port = int(sys.argv[1])
state = json.loads(pathlib.Path(sys.argv[2]).read_text())
accounts = json.loads(pathlib.Path(sys.argv[3]).read_text())["accounts"]
clock_file = pathlib.Path(sys.argv[4])
offset = 0


def jump(days):
    global offset
    offset = days * DAY
    clock_file.write_text(f"{offset:+d}\n")
    time.sleep(0.2)


def now():
    return time.time() + offset


def send(person):
    answer = person.post(f"/v1/conversations/{person.conversation}/messages",
                         {"idempotency_id": new_id(), "epoch": person.epoch, "priority": "routine", "needs_acknowledgement": False,
                          "message": b64(application_message(person.conversation, person.epoch))})
    assert answer.status == 201, (answer.status, answer.body)
    return answer.json()


def code(person, value, expected):
    sign_in = person.password()
    answer = person.post("/v1/sign-in/totp", {"sign_in_id": sign_in, "code": value})
    assert (answer.status, answer.code()) == expected, (answer.status, answer.body, expected)


a = Person.of_state(port, state[0])
sequences = [send(a)["sequence"]]
here = sequences[0]

bob = Person(port, accounts[2], "127.0.0.40").enrol()
used = totp_code(bob.totp_secret, now())
bob_today = bob.caller.cookie

# A day ahead: sessions of twelve hours have ended; a new sign-in works, with the code of that day.
jump(1)
assert a.get("/v1/session").code() == "session-ended"
assert Caller(port, cookie=bob_today).get("/v1/session").code() == "session-ended"
a.caller.cookie = None
a.sign_in(now()).bind_device()
sent = send(a)
sequences.append(sent["sequence"])
assert abs(sent["stored_at"] / 1e6 - now()) < 60, "the time of storing is not the clock's"
code(bob, used, (401, "wrong-code"))
tomorrow = totp_code(bob.totp_secret, now())
code(bob, tomorrow, (200, None))
tomorrows_session = bob.caller.cookie

# Two days back. No code of then, used or not, works: one of a later step was used already.
jump(-1)
for step in (-30, 0, 30):
    code(bob, totp_code(bob.totp_secret, now() + step), (401, "wrong-code"))
# A session from a time to come is not one: it would live as much longer as the clock went back.
answer = Caller(port, cookie=tomorrows_session).get("/v1/session")
assert answer.code() == "session-ended", (answer.status, answer.body)

# Back to the time that it is. The code of today that was used still does not work, nor does tomorrow's.
jump(0)
code(bob, used, (401, "wrong-code"))
code(bob, tomorrow, (401, "wrong-code"))
fresh = Person(port, accounts[3], "127.0.0.41").enrol()
assert fresh.get("/v1/session").status == 200

# The day has come: bob can sign in again, with a code after the last one that worked.
jump(1)
a.caller.cookie = None
time.sleep(0.1)
code(bob, totp_code(bob.totp_secret, now() + 30), (200, None))
a.sign_in(now() + 30).bind_device()
sequences.append(send(a)["sequence"])
assert sequences == [here, here + 1, here + 2], sequences

log = a.get(f"/v1/conversations/{a.conversation}/log?limit=500&after={here - 1}").json()["entries"]
assert [entry["sequence"] for entry in log] == sequences, log
challenge = a.post("/v1/session/challenge").json()["challenge"]
jump(0)
assert a.post("/v1/session/device", {"device_id": a.device_id, "challenge": challenge, "signature": b64(b"x")}).status == 401
