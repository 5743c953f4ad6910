"""Says everything to every endpoint that should not be said, and looks at the answers.

usage: bad_input.py PORT STATE_JSON DEMO_ACCOUNTS_JSON LOAD_ACCOUNTS_JSON CLOCK_FILE

CLOCK_FILE sets the server's clock. STATE_JSON holds the participants of `wardline-load --state`: two pairs, each with its own conversation. Every refusal has to be an
RFC 9457 problem document of a documented type, with the right status, and must repeat nothing of what was sent.
"""
import hashlib
import json
import os
import pathlib
import re
import sys
import time
import uuid

import openapi
import wardline
from wardline import Caller, Person, application_message, b64, new_id

ROOT = pathlib.Path(__file__).resolve().parents[3]
MARKER = "Zq9Xmarker"  # in every value that is sent; in no answer and in no log
INTERNALS = re.compile(r"\.cpp|std::|boost|sqlite|SELECT |INSERT |UPDATE |0x[0-9a-f]{8}|/home/|/root/|/usr/|/tmp/|terminate|exception", re.I)
DOCUMENTED = set(re.findall(r"`([a-z0-9-]+)`", (ROOT / "docs/api.md").read_text().partition("## Problem types")[2]))

failures = []
asked = 0


def fail(what, said):
    failures.append(f"{what}: {said}")
    print(f"       FAILED {failures[-1]}", flush=True)


def expect(what, answer, status, code=None):
    """A refusal of this status (or one of these), and of this type if one is named."""
    global asked
    asked += 1
    statuses = status if isinstance(status, tuple) else (status,)
    if answer.status not in statuses:
        return fail(what, f"{answer.status} {answer.body[:200]} instead of {status}")
    if answer.status < 400:
        return None
    found = answer.code()
    if found is None:
        return fail(what, f"no problem document but {answer.fields.get('content-type')}")
    document = answer.json()
    if code and found != code:
        fail(what, f"{found} instead of {code}")
    if found not in DOCUMENTED:
        fail(what, f"the type {found} is not in docs/api.md")
    if document.get("status") != answer.status or not document.get("title") or not document.get("detail") or not document.get("request_id"):
        fail(what, f"an incomplete document: {document}")
    if MARKER.lower() in answer.body.decode().lower():
        fail(what, "the answer repeats what was sent")
    if INTERNALS.search(answer.body.decode()):
        fail(what, f"the answer shows the inside: {answer.body[:300]}")
    return document


BROKEN_BODIES = {
    "an unfinished object": b'{"a":', "a list": b"[]", "null": b"null", "a text": b'"' + MARKER.encode() + b'"', "nothing": b"",
    "two objects": b"{}{}", "invalid UTF-8": b'{"name":"\xff\xfe"}', "a NUL": b'{"name":"\x00"}', "a byte order mark": b"\xef\xbb\xbf{}",
    "a field twice": b'{"' + MARKER.encode() + b'":1,"' + MARKER.encode() + b'":2}', "a hundred levels": b'{"a":' * 100 + b"1" + b"}" * 100,
    "a huge number": b'{"a":1e99999}', "a comment": b"{/* */}", "a single surrogate": b'{"a":"\\ud800"}', "NaN": b'{"a":NaN}',
}


def valid_value(schema):
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "array":
        return []
    if kind == "integer":
        return 1
    if kind == "boolean":
        return False
    if schema.get("format") == "uuid":
        return new_id()
    if schema.get("format") == "date":
        return "1970-01-01"
    return b64(MARKER.encode())


def wrong_values(schema):
    """Values that the schema does not admit, with what they are."""
    kind = schema.get("type")
    wrong = {"null": None, "an object": {MARKER: 1}, "a fraction": 1.5, "a huge number": 2 ** 70}
    if kind != "string":
        wrong["a text"] = MARKER
    if kind != "integer":
        wrong["a number"] = -1
    if kind != "boolean":
        wrong["a truth value"] = True
    if kind != "array":
        wrong["a list"] = [MARKER]
    if kind == "string":
        wrong["a long text"] = MARKER * 20_000
        if "contentEncoding" in schema:
            wrong["no base64url"] = MARKER + "+/="
        if "enum" in schema:
            wrong["another word"] = MARKER
        if schema.get("format") == "uuid":
            wrong |= {"no UUID": MARKER, "half a UUID": new_id()[:18], "a UUID in braces": "{" + new_id() + "}"}
        if not {"contentEncoding", "enum", "format"} & set(schema):
            wrong["a control character"] = MARKER + "\x01"
    if kind == "integer":
        wrong["below what an integer may be"] = -2 ** 63
    if kind == "array":
        wrong |= {"a list of numbers": [1, 2], "a list of nulls": [None], "a long list": [MARKER] * 20_000}
        if schema["items"].get("format") == "uuid":
            same = new_id()
            wrong["an id twice"] = [same, same]
    return wrong


SOCKET_FIELDS = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}


def ask(caller, call, address=None, fields=None):
    """A request of this call that is as good as can be without knowing what it is for."""
    more = call.body()
    all_fields = (SOCKET_FIELDS if call.path == "/v1/socket" else {}) | more.pop("fields", {}) | (fields or {})
    return caller.request(call.method, address or call.address(new_id()), fields=all_fields, **more)


class Callers:
    """Who makes a call: people get past the question of who they are, so that what they say is looked at."""

    def __init__(self, unsigned, signed_in, person, officer, admin):
        self.unsigned, self.signed_in, self.person, self.officer, self.admin = unsigned, signed_in, person, officer, admin

    def of(self, call):
        if call.stage == "none":
            return self.unsigned
        if call.path.startswith("/v1/accounts/"):
            return self.admin
        return self.officer if call.path.startswith("/v1/device-log/log/") else self.person


def of_each_call(operations, callers):
    unsigned = callers.unsigned
    for call in operations:
        address = call.address(new_id())
        who = callers.of(call)
        if call.stage != "none":
            for name, cookie in {"without a session": None, "with a session that never was": "__Host-wardline-session=" + MARKER,
                                 "with two sessions": "__Host-wardline-session=a; __Host-wardline-session=b"}.items():
                expect(f"{call} {name}", ask(unsigned, call, address, {"Cookie": cookie} if cookie else {}), 401)
        if call.stage == "device_bound":
            expect(f"{call} without a device", ask(callers.signed_in, call, address), 401, "device-needed")
        if call.stage != "none" and call.path.startswith("/v1/"):
            answer = who.request("PATCH" if call.method != "PATCH" else "GET", address, {})
            expect(f"{call} with another method", answer, 405, "method-not-allowed")
            if call.method not in answer.fields.get("allow", ""):
                fail(f"{call} with another method", "the answer does not name the right one")
        if call.method in ("POST", "PUT", "DELETE"):
            for origin in ("https://evil.example", "null", f"http://localhost:{unsigned.port}"):
                expect(f"{call} from the page of {origin}", ask(who, call, address, {"Origin": origin}), 403, "cross-origin")
        if call.parameters and call.stage != "none":
            for name, value in {"no UUID": MARKER, "a path": "..%2f..%2fetc%2fpasswd", "a NUL": "%00", "a broken escape": "%zz",
                                "a long one": MARKER * 500, "a UUID in braces": "%7B" + new_id() + "%7D"}.items():
                expect(f"{call} with an id that is {name}", ask(who, call, call.address(value)), (400, 404, 431))
        for query in call.queries:
            for value in ("x", "-1", "1.5", "1&" + query + "=2", "99999999999999999999", "%31", ""):
                address_here = address.replace(address.split("/")[3], who.conversation) if "/conversations/" in address else address
                expect(f"{call} with {query}={value}", ask(who, call, f"{address_here}?{query}={value}"), 400, "invalid-query")
        for query in call.required_queries:
            others = "&".join(f"{other}=1" for other in call.queries if other != query)
            expect(f"{call} without {query}", ask(who, call, f"{address}?{others}"), 400, "invalid-query")
        if call.media:
            of_each_media_type(call, address, who)
        if call.schema is not None:
            of_each_body(call, address, who)


def of_each_media_type(call, address, who):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", None):
        expect(f"{call} as {kind}", ask(who, call, address, {"Content-Type": kind}), 400, "content-type")
    declared = ask(who, call, address, {"Content-Length": str(17 * 1024 * 1024)})
    expect(f"{call} with a body that says it is too large", declared, 413, "body-too-large")


def of_each_body(call, address, who):
    for name, body in BROKEN_BODIES.items():
        answer = who.request(call.method, address, raw=body)
        # A call that takes no fields may refuse what is sent for its fields' sake.
        expect(f"{call} with {name}", answer, 400)
        if name in ("an unfinished object", "two objects", "a field twice", "a hundred levels", "invalid UTF-8"):
            expect(f"{call} with {name}", answer, 400, "invalid-json")
    properties = call.schema.get("properties", {})
    good = {name: valid_value(schema) for name, schema in properties.items()}
    expect(f"{call} with a field too many", who.request(call.method, address, good | {MARKER: MARKER}), 400, "invalid-field")
    for name in call.schema.get("required", []):
        without = {key: value for key, value in good.items() if key != name}
        expect(f"{call} without {name}", who.request(call.method, address, without), 400, "invalid-field")
    for name, schema in properties.items():
        for kind, value in wrong_values(schema).items():
            # Handshakes may be long: what they then are is for the conversation's rules to say.
            statuses = (400, 404, 409, 413, 422) if kind == "a long text" and "contentEncoding" in schema else (400, 413)
            expect(f"{call} where {name} is {kind}", who.request(call.method, address, good | {name: value}), statuses)


def of_unknown_addresses(caller):
    for path in ("/v1", "/v1/", "/v1/nothing", "/v1/session/", "/v1//session", "/v1/%2e%2e/session", "/v1/audit/checkpoint/" + MARKER):
        expect(path, caller.request("GET", path), 404, "not-found")
    for path in ("/v1/../healthz", "/v1/\x01", "/v1/" + "a" * 20_000, "http://evil.example/v1/session", "*"):
        connection = wardline.Connection(caller.port)
        answer = connection.request("GET", path)
        expect(path[:40], answer, (400, 404, 431))
        connection.close()


def of_other_peoples_things(a, b, privacy):
    """B, who is a member of another conversation, tries A's; and everybody tries things that are nobody's."""
    unknown = new_id()
    for conversation in (a.conversation, unknown):
        base = f"/v1/conversations/{conversation}"
        where = "A's conversation" if conversation == a.conversation else "no conversation"
        message = {"idempotency_id": new_id(), "epoch": 1, "message": b64(application_message(conversation, 1)),
                   "priority": "routine", "needs_acknowledgement": False}
        commit = {"idempotency_id": new_id(), "epoch": 1, "commit": b64(b"x"), "group_info": b64(b"x"), "user_ids_added": [],
                  "user_ids_removed": []}
        for what, answer in {
            "reads": b.get(base), "reads the log of": b.get(base + "/log"), "reads the GroupInfo of": b.get(base + "/group-info"),
            "sends to": b.post(base + "/messages", message), "commits to": b.post(base + "/commits", commit),
            "proposes to": b.post(base + "/proposals", {"idempotency_id": new_id(), "epoch": 1, "proposal": b64(b"x")}),
            "marks as read in": b.post(base + "/receipts", {"read": 1}),
            "reports in": b.post(base + "/reports", {"sequence": 1, "reason": "cannot-process-commit"}),
        }.items():
            expect(f"B {what} {where}", answer, 404, "conversation-not-found")
    expect("B revokes A's device", b.post(f"/v1/devices/{a.device_id}/revoke"), (403, 404))
    factor = a.get("/v1/factors").json()["factors"][0]["factor_id"]
    expect("B removes A's factor", b.request("DELETE", f"/v1/factors/{factor}"), 404, "factor-not-found")
    if a.get("/v1/factors").json()["factors"][0]["factor_id"] != factor:
        fail("B removes A's factor", "it is gone")
    expect("B binds A's device", b.post("/v1/session/device", {"device_id": a.device_id, **b.proof()}), (401, 403, 404))
    expect("B takes A's welcome", b.request("DELETE", f"/v1/welcomes/{new_id()}"), (204, 404))
    for name, identifier in {"an unknown patient": unknown, "a person as a patient": a.user_id}.items():
        expect(f"B reads {name}", b.get(f"/v1/patients/{identifier}"), (403, 404))
    expect("B confirms nobody", b.post(f"/v1/contacts/{unknown}/confirm"), 404, "person-not-found")
    expect("B claims nobody's key packages", b.post("/v1/key-packages/claim", {"conversation_id": new_id(), "user_ids": [unknown]}), (200, 404))
    expect("a role that sees no patients looks for one", privacy.post("/v1/patients/match", {"mrn": MARKER, "family_name": MARKER}), 403,
           "not-permitted")
    patient = a.get("/v1/patients").json()["patients"]
    if patient:
        fail("A's panel", "somebody who is on no care team has patients")


def of_replays(port, a, b, spare):
    challenge = a.proof()
    expect("A binds the device", a.post("/v1/session/device", {"device_id": a.device_id, **challenge}), 200)
    expect("the same challenge again", a.post("/v1/session/device", {"device_id": a.device_id, **challenge}), 401, "wrong-proof")
    old = Caller(port, cookie=a.caller.cookie)
    a.bind_device()
    expect("the cookie from before the session was bound again", old.get("/v1/session"), 401, "session-ended")

    base = f"/v1/conversations/{a.conversation}/messages"
    first = {"idempotency_id": new_id(), "epoch": 1, "message": b64(application_message(a.conversation, 1)), "priority": "routine",
             "needs_acknowledgement": False}
    sent = a.post(base, first)
    expect("A sends", sent, 201)
    again = a.post(base, first)
    expect("the same message again", again, 201)
    if again.json()["sequence"] != sent.json()["sequence"]:
        fail("the same message again", "another sequence number")
    other = first | {"message": b64(application_message(a.conversation, 1))}
    expect("another message under the same idempotency id", a.post(base, other), 409, "idempotency-reused")
    expect("a message that says another epoch than its envelope", a.post(base, first | {"idempotency_id": new_id(), "epoch": 2}), 400,
           "malformed-message")
    expect("a message of another conversation",
           a.post(base, first | {"idempotency_id": new_id(), "message": b64(application_message(b.conversation, 1))}), 400, "malformed-message")
    later = first | {"idempotency_id": new_id(), "epoch": 9, "message": b64(application_message(a.conversation, 9))}
    expect("a message of an epoch to come", a.post(base, later), 409, "stale-epoch")

    person = Person(port, spare, "127.0.0.30").enrol()
    code = wardline.totp_code(person.totp_secret)
    person.caller.cookie = None
    sign_in = person.password()
    expect("a one-time code that was used to enrol", person.post("/v1/sign-in/totp", {"sign_in_id": sign_in, "code": code}), 401, "wrong-code")
    next_code = wardline.totp_code(person.totp_secret, time.time() + 30)
    expect("the next code", person.post("/v1/sign-in/totp", {"sign_in_id": sign_in, "code": next_code}), 200)
    cookie = person.caller.cookie
    expect("the sign-in again", person.post("/v1/sign-in/totp", {"sign_in_id": sign_in, "code": next_code}), 401, "sign-in-expired")
    second = person.password()
    expect("the code again", person.post("/v1/sign-in/totp", {"sign_in_id": second, "code": next_code}), 401, "wrong-code")
    elsewhere = Caller(port, "127.0.0.31")
    third = person.password()
    expect("a sign-in gone on with from another address",
           elsewhere.post("/v1/sign-in/totp", {"sign_in_id": third, "code": "000000"}), 401, "sign-in-expired")
    expect("the activation code again",
           person.post("/v1/sign-in/enrol/begin", {"sign_in_id": third, "factor": "totp", "activation_code": spare["activation_code"]}),
           (401, 409))
    signed_in = Caller(port, cookie=cookie)
    expect("signing out", signed_in.request("DELETE", "/v1/session"), 204)
    expect("the cookie after signing out", Caller(port, cookie=cookie).get("/v1/session"), 401, "session-ended")
    return person


def of_files(a, a2, b):
    """A uploads; A2 is the other member, B of another conversation."""
    base = f"/v1/conversations/{a.conversation}/files"
    content = os.urandom(1000)
    good = {"file_id": new_id(), "size": 1000, "sha256": b64(hashlib.sha256(content).digest())}
    one = f"{base}/{good['file_id']}"

    def put(who, address, data, content_range, **more):
        return who.request("PUT", address, raw=data, fields={"Content-Type": "application/octet-stream", "Content-Range": content_range, **more})

    expect("a file of no bytes", a.post(base, good | {"size": 0}), 400, "invalid-field")
    expect("a file of too many bytes", a.post(base, good | {"size": 2 ** 62}), 413, "file-too-large")
    expect("a digest that is too short", a.post(base, good | {"sha256": b64(b"x" * 31)}), 400, "invalid-field")
    expect("B begins a file in A's conversation", b.post(base, good), 404, "conversation-not-found")
    expect("a part of a file that nobody began", put(a, one, b"x", "bytes 0-0/1000"), 404, "file-not-found")
    expect("A begins a file", a.post(base, good), 201)
    expect("A begins it again", a.post(base, good), 201)
    expect("another file under its id", a.post(base, good | {"size": 999}), 409, "file-id-taken")
    expect("B begins a file under its id", b.post(f"/v1/conversations/{b.conversation}/files", good), 409, "file-id-taken")
    for name, content_range in {"no range": None, "no numbers": MARKER, "another size than it has": "bytes 0-8/1000", "no end": "bytes 0-/1000",
                                "an end before its start": "bytes 9-0/1000", "more than there is": "bytes 0-9/9",
                                "a huge number": f"bytes 0-{2 ** 70}/{2 ** 71}", "two ranges": "bytes 0-4,5-9/1000"}.items():
        expect(f"a part with {name}", put(a, one, content[:10], content_range), 400, "invalid-range")
    expect("a part that does not follow", put(a, one, content[5:15], "bytes 5-14/1000"), 409, "wrong-offset")
    for name, content_range in {"a larger file": "bytes 0-9/1001", "a smaller file": "bytes 0-9/10", "one beyond the end": "bytes 995-1004/2000"}.items():
        expect(f"a part of {name} than was announced", put(a, one, content[:10], content_range), 409, "wrong-size")
    expect("a part that is too large", put(a, one, b"x", f"bytes 0-{2 ** 20}/{2 ** 21}", **{"Content-Length": str(2 ** 20 + 1)}), 413, "body-too-large")
    for name, who, code in (("A2", a2, "file-not-found"), ("B", b, "conversation-not-found")):
        expect(f"{name} writes into A's upload", put(who, one, content, "bytes 0-999/1000"), 404, code)
        expect(f"{name} completes A's upload", who.post(one + "/complete"), 404, code)
        expect(f"{name} reads A's upload", who.get(one), 404, code)
    expect("A2 gives A's upload up", a2.request("DELETE", one), (204, 404))
    expect("B gives A's upload up", b.request("DELETE", one), (204, 404))
    expect("a part", put(a, one, content[:400], "bytes 0-399/1000"), 200)
    expect("the next part of another size", put(a, one, content[400:], "bytes 400-999/1001"), 409, "wrong-size")
    expect("the same part again", put(a, one, content[:400], "bytes 0-399/1000"), 409, "wrong-offset")
    expect("completing it too early", a.post(one + "/complete"), 409, "upload-incomplete")
    expect("the rest", put(a, one, content[400:], "bytes 400-999/1000"), 200)
    for time_ in ("", " again"):
        expect("completing it" + time_, a.post(one + "/complete"), 200)
    expect("giving it up afterwards", a.request("DELETE", one), 409, "file-complete")
    for name, part in {"of another unit": "lines=0-1", "of several parts": "bytes=0-1,5-6", "from the end": "bytes=-5", "backwards": "bytes=9-2",
                       "without numbers": "bytes=" + MARKER, "a huge one": f"bytes={2 ** 70}-"}.items():
        expect(f"a range {name}", a2.get(one, fields={"Range": part}), 400, "invalid-range")
    beyond = a2.get(one, fields={"Range": "bytes=1000-1999"})
    expect("a range past the end", beyond, 416, "range-not-satisfiable")
    if beyond.fields.get("content-range") != "bytes */1000":
        fail("a range past the end", f"Content-Range is {beyond.fields.get('content-range')}")
    last = a2.get(one, fields={"Range": "bytes=990-5000"})
    if (last.status, last.body, last.fields.get("content-range")) != (206, content[990:], "bytes 990-999/1000"):
        fail("a range that ends past the end", f"{last.status} {last.fields}")
    expect("B reads A's file", b.get(one), 404, "conversation-not-found")
    expect("B reads A's file as one of their own", b.get(f"/v1/conversations/{b.conversation}/files/{good['file_id']}"), 404, "file-not-found")
    other = good | {"file_id": new_id()}
    address = f"{base}/{other['file_id']}"
    expect("A begins another", a.post(base, other), 201)
    expect("with other content than announced", put(a, address, b"x" * 1000, "bytes 0-999/1000"), 200)
    expect("completing it", a.post(address + "/complete"), 422, "digest-mismatch")
    expect("completing it once more", a.post(address + "/complete"), 404, "file-not-found")


def of_the_device_log(a, b, officer):
    log = "/v1/device-log"
    size = int(a.get(log + "/checkpoint").json()["checkpoint"].split("\n")[1])
    for query in (f"from={size}&to=1", f"from=1&to={10 ** 15}", f"from={10 ** 15}&to={10 ** 15}"):
        expect(f"consistency {query}", a.get(f"{log}/consistency?{query}"), 400, "no-such-size")
    for query in (f"first=1&last=4&size={size}", f"first=0&last=0&size={size}", f"first=4&last=2&size={size}", f"first=0&last={size + 1}&size={size}",
                  f"first=0&last=1000&size={10 ** 15}", f"first=0&last=1&size={10 ** 15}", f"first={2 ** 63 - 1}&last={2 ** 63 - 1}&size={2 ** 63 - 1}"):
        expect(f"entries {query}", a.get(f"{log}/entries?{query}"), 400)
    unknown = b64(b"x" * 32)
    expect("a certificate that is not logged", a.post(log + "/inclusion", {"size": size, "certificates": [unknown]}), 409, "not-logged-yet")
    expect("in a log of a size that never was", a.post(log + "/inclusion", {"size": 10 ** 15, "certificates": [unknown]}), 400, "no-such-size")
    expect("too many certificates", a.post(log + "/inclusion", {"size": size, "certificates": [unknown] * 257}), 400, "invalid-field")
    expect("half a hash", a.post(log + "/inclusion", {"size": size, "certificates": [b64(b"x" * 16)]}), 400, "invalid-field")
    expect("an alarm about B's conversation by A", a.post(log + "/reports", {"problem": "members-differ", "conversation_id": b.conversation}),
           (202, 404))
    expect("A follows the log as monitors do", a.get(log + "/log/checkpoint"), 403, "not-permitted")
    expect("an officer does", officer.get(log + "/log/checkpoint"), 200)
    for path in ("0/999", "99/000", "0/000.p/300", "0/000.p/0", "entries/x999/999", "0/x000/000", "-1/000", "0/0", "entries/000.p/" + MARKER,
                 "..%2f..%2fkeys/kms.key", "0/..%2f..%2fcheckpoint"):
        expect(f"tile {path}", officer.get(f"{log}/log/tile/{path}"), (400, 404))


def of_accounts(port, a, b, admin, account):
    for act in ("deactivate", "reset-factors"):
        expect(f"B wants to {act} A", b.post(f"/v1/accounts/{a.user_id}/{act}"), 403, "not-permitted")
        expect(f"an administrator wants to {act} nobody", admin.post(f"/v1/accounts/{new_id()}/{act}"), 404)
        expect(f"an administrator wants to {act} themselves", admin.post(f"/v1/accounts/{admin.user_id}/{act}"), 409, "own-account")
    if a.get("/v1/session").status != 200:
        fail("B wants to deactivate A", "it worked")
    leaver = Person(port, account, "127.0.0.33").enrol()
    for time_ in ("", " again"):
        expect("an administrator deactivates a leaver" + time_, admin.post(f"/v1/accounts/{leaver.user_id}/deactivate"), 204)
    expect("the leaver's session", leaver.get("/v1/session"), 401, "session-ended")
    expect("new factors for the leaver", admin.post(f"/v1/accounts/{leaver.user_id}/reset-factors"), 409, "account-inactive")
    expect("the leaver signs in", Caller(port, "127.0.0.33").post("/v1/sign-in/password", {one: account[one] for one in ("username", "password")}),
           401, "wrong-credentials")


def of_revoked_devices(port, account):
    person = Person(port, account, "127.0.0.32").enrol()
    cookie = person.caller.cookie
    socket = wardline.Socket(port, cookie)
    socket.hello()
    expect("revoking the own device", person.post(f"/v1/devices/{person.device_id}/revoke"), 204)
    expect("the cookie of a revoked device", Caller(port, cookie=cookie).get("/v1/conversations"), 401)
    ended = socket.message("session-ended")
    if ended is None or ended["type"] != "session-ended":
        fail("the socket of a revoked device", "it is not told")
    while True:
        if socket.message() is None:
            break


def of_expired_sessions(operations, callers, clock_file, port):
    """A day later every session is over, whatever it is used for."""
    socket = wardline.Socket(port, callers.person.caller.cookie)
    socket.hello()
    clock_file.write_text("+1d\n")
    time.sleep(0.2)
    for call in operations:
        if call.stage == "none":
            continue
        who = callers.signed_in if call.stage == "signed_in" else callers.of(call)
        expect(f"{call} when the session is over", ask(who, call), 401, "session-ended")
    socket.send({"type": "ping", "ref": 1})
    if (socket.message("session-ended", "pong") or {}).get("type") != "session-ended":
        fail("a socket whose session is over", "it goes on")
    callers.person.caller.cookie = None
    callers.person.sign_in(time.time() + 24 * 3600)
    expect("signing in again", callers.person.get("/v1/session"), 200)


def main():
    port = int(sys.argv[1])
    state = json.loads(pathlib.Path(sys.argv[2]).read_text())
    demo = {one["role_title"]: one for one in json.loads(pathlib.Path(sys.argv[3]).read_text())["accounts"]}
    spares = json.loads(pathlib.Path(sys.argv[4]).read_text())["accounts"][len(state):]
    a, a2, b, _ = (Person.of_state(port, one) for one in state[:4])
    operations = openapi.operations(ROOT / "docs/openapi.yaml")
    # What comes from 127.0.0.20 is guesses at passwords: they slow down that address and no other.
    unsigned = Caller(port, "127.0.0.20")
    halfway = Person(port, spares[0], "127.0.0.21").enrol()
    halfway.caller.cookie = None
    halfway.sign_in(time.time() + 30)
    privacy = Person(port, demo["Privacy officer"], "127.0.0.22").enrol()
    admin = Person(port, demo["IT administrator"], "127.0.0.23").enrol()
    callers = Callers(unsigned, halfway.caller, b, privacy, admin)

    print(f"       {len(operations)} calls", flush=True)
    of_each_call(operations, callers)
    of_unknown_addresses(unsigned)
    for query in ("limit=0", "limit=501", "after=%00"):
        expect(query, b.get(f"/v1/conversations/{b.conversation}/log?{query}"), 400, "invalid-query")
    expect("a page of the directory that is far away", b.post("/v1/directory/search", {"cursor": str(2 ** 64 - 1)}), (200, 400))
    print(f"       {asked} answers so far; other people's things", flush=True)
    of_other_peoples_things(a, b, privacy)
    print(f"       {asked} answers so far; replays", flush=True)
    of_replays(port, a, b, spares[1])
    of_revoked_devices(port, spares[2])
    print(f"       {asked} answers so far; files, the device log, accounts, sessions that are over", flush=True)
    of_files(a, a2, b)
    of_the_device_log(a, b, privacy)
    of_accounts(port, a, b, admin, spares[3])
    of_expired_sessions(operations, callers, pathlib.Path(sys.argv[5]), port)
    print(f"       {asked} refusals, {len(failures)} of them wrong", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
