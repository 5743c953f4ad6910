"""What the API says while the disk under the server is full: writing is turned away, reading goes on.

usage: full_disk.py PORT STATE_JSON
"""
import json
import pathlib
import sys

from wardline import Caller, Person, application_message, b64, new_id

port = int(sys.argv[1])
person = Person.of_state(port, json.loads(pathlib.Path(sys.argv[2]).read_text())[0])
base = f"/v1/conversations/{person.conversation}"

sent = person.post(base + "/messages", {"idempotency_id": new_id(), "epoch": person.epoch, "priority": "routine",
                                        "needs_acknowledgement": False, "message": b64(application_message(person.conversation, 1, 3000))})
assert (sent.status, sent.code()) == (507, "storage-full"), (sent.status, sent.body)
assert "isk is full" in sent.json()["detail"], sent.json()
for path in ("/v1/session", "/v1/conversations", base, base + "/log?limit=500", "/v1/welcomes", "/v1/devices"):
    read = person.get(path)
    assert read.status == 200, (path, read.status, read.body)
attempt = Caller(port).post("/v1/sign-in/password", {"username": person.account["username"], "password": "wrong"})
assert (attempt.status, attempt.code()) in ((507, "storage-full"), (401, "wrong-credentials")), (attempt.status, attempt.body)
unready = Caller(port).get("/readyz")
assert (unready.status, unready.code()) == (503, "not-ready"), (unready.status, unready.body)
