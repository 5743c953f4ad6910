"""People who all do different things at the same moment, for as long as they are told to; then each revokes their own device.

usage: people.py PORT DEMO_ACCOUNTS_JSON SECONDS     prints how many answers there were; fails on one that nobody should get
"""
import json
import pathlib
import sys
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "system/support"))
from wardline import Caller, Person, Socket

NAMES = ["ruth.cohen", "samuel.price", "grace.okafor", "kwame.mensah", "john.smyth"]
port, seconds = int(sys.argv[1]), float(sys.argv[3])
accounts = {each["username"]: each for each in json.loads(pathlib.Path(sys.argv[2]).read_text())["accounts"]}
answers, problems = [0] * len(NAMES), []


def open_socket(person, source):
    """As a client does: later, where it was more often than one person may."""
    while True:
        socket = Socket(port, person.caller.cookie, source)
        if socket.upgrade.status == 101:
            assert socket.hello()["type"] == "ready"
            return socket
        assert socket.upgrade.code() == "rate-limited", (socket.upgrade.status, socket.upgrade.body)
        time.sleep(0.2)


def checkpoint(person):
    """As a client does: again, where the log does not have the own device yet."""
    while (answer := person.get("/v1/device-log/checkpoint")).status == 503 and answer.code() == "not-logged-yet":
        time.sleep(0.2)
    return answer


def look_around(person):
    """Whatever the server keeps in memory for everybody: sessions, the directory's index, the rota, the log of devices, the groups."""
    yield person.get("/v1/session")
    yield person.post("/v1/directory/search", {"query": "s"})
    yield person.get("/v1/directory/services")
    yield person.get("/v1/on-call")
    yield person.get("/v1/devices")
    yield checkpoint(person)
    yield person.get("/v1/key-packages")
    yield person.get("/v1/conversations")
    yield person.get("/v1/patients")


def be(number):
    source = f"127.0.0.{60 + number}"
    person = Person(port, accounts[NAMES[number]], source).enrol()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # On a connection of its own each time, so that others come and go on every thread of the network.
        person.caller = Caller(port, source, person.caller.cookie)
        socket = open_socket(person, source)
        for answer in look_around(person):
            answers[number] += 1
            assert answer.status == 200, (answer.status, answer.body)
        socket.close()
    socket = open_socket(person, source)
    assert person.post(f"/v1/devices/{person.device_id}/revoke").status == 204
    assert socket.message("session-ended"), "A revoked device's socket closes without a word."
    assert Caller(port, source, person.caller.cookie).get("/v1/session").status == 401


def be_and_tell(number):
    try:
        be(number)
    except Exception as problem:  # Of a thread, it would be lost.
        problems.append(f"{NAMES[number]}: {problem!r}")


threads = [threading.Thread(target=be_and_tell, args=(number,)) for number in range(len(NAMES))]
for each in threads:
    each.start()
for each in threads:
    each.join()
if problems:
    sys.exit("\n".join(problems))
print(f"       {sum(answers)} answers to {len(NAMES)} people")
