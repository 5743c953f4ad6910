"""Says everything to the device socket and to the listener that should not be said; shows that others are served meanwhile.

usage: bad_socket.py PORT STATE_JSON SERVER_PID

The server's limits are those of bad_socket.sh: two seconds for a handshake and a header, three for a body and for silence, 64 connections
from one address.
"""
import concurrent.futures
import json
import pathlib
import socket
import struct
import sys
import threading
import time

from wardline import Caller, Connection, Person, Socket, application_message, b64, new_id

MARKER = "Zq9Xmarker"
port = int(sys.argv[1])
state = json.loads(pathlib.Path(sys.argv[2]).read_text())
server_pid = int(sys.argv[3])
a, a2, b, _ = (Person.of_state(port, one) for one in state[:4])
failures = []


def check(what, good, said=""):
    if not good:
        failures.append(what)
        print(f"       FAILED {what}: {said}", flush=True)


def closes(what, code, *frames):
    """The server answers these frames with a close frame of that code, whatever it says before."""
    one = Socket(port, b.caller.cookie)
    one.close_code = None
    try:
        for frame in frames:
            if isinstance(frame, bytes):
                one.connection.send(frame)
            else:
                one.frame(*frame)
        one.connection.socket.settimeout(8)
        while one.message() is not None:
            pass
    except (OSError, UnicodeDecodeError) as ended:
        one.close_code = one.close_code or f"{type(ended).__name__}"
    check(what, one.close_code == code, f"{one.close_code} instead of {code}")
    one.close()


def upgrades():
    def refused(what, cookie, status, code, fields=None):
        one = Socket(port, cookie, fields=fields)
        check(what, (one.upgrade.status, one.upgrade.code()) == (status, code), f"{one.upgrade.status} {one.upgrade.body}")
        one.close()
    refused("an upgrade without a session", "x=y", 401, "no-session")
    refused("an upgrade from another page", a.caller.cookie, 403, "cross-origin", {"Origin": "https://evil.example"})
    refused("an old version", a.caller.cookie, 426, "upgrade-required", {"Sec-WebSocket-Version": "8"})
    refused("an upgrade without a key", a.caller.cookie, 400, "malformed-request", {"Sec-WebSocket-Key": "short"})


def frames():
    TEXT, BINARY, CLOSE, PING = Socket.TEXT, Socket.BINARY, Socket.CLOSE, Socket.PING
    closes("a frame that is not masked", 1002, (TEXT, b"{}", True, False))
    closes("an opcode that is reserved", 1002, (3, b"{}"))
    closes("a reserved bit", 1002, b"\xc1\x80\0\0\0\0")
    closes("a ping of 126 bytes", 1002, (PING, b"x" * 126))
    closes("a ping in parts", 1002, (PING, b"x", False))
    closes("a continuation of nothing", 1002, (0, b"x"))
    closes("a message inside a message", 1002, (TEXT, b"{", False), (TEXT, b"}"))
    closes("a close of one byte", 1002, (CLOSE, b"x"))
    closes("a close code that is none", 1002, (CLOSE, struct.pack(">H", 1005)))
    closes("a close reason that is no UTF-8", 1007, (CLOSE, struct.pack(">H", 1000) + b"\xff"))
    closes("a binary message", 1003, (BINARY, b"{}"))
    closes("text that is no UTF-8", 1007, (TEXT, b'{"type":"\xff"}'))
    closes("a message that says it is enormous", 1009, b"\x81\xff" + struct.pack(">Q", 1 << 40) + b"\0\0\0\0")
    closes("an enormous message in parts", 1009, (TEXT, b"x" * 60_000, False), *[(0, b"x" * 60_000, False)] * 10)


def words():
    """What the frames say: refused one by one, and the socket goes on."""
    one = Socket(port, b.caller.cookie)

    def refused(what, message, code):
        one.send(message)
        answer = one.message("refused")
        problem = answer["problem"] if answer else {}
        check(what, problem.get("type") == f"urn:wardline:problem:{code}", answer)
        check(what + ", repeated", MARKER not in json.dumps(answer), answer)
        return answer

    good = {"type": "send", "ref": 1, "conversation_id": b.conversation, "idempotency_id": new_id(), "epoch": b.epoch,
            "message": b64(application_message(b.conversation, b.epoch)), "priority": "routine", "needs_acknowledgement": False}
    one.send({"type": "ping", "ref": 5})
    check("a ping before hello", one.message() == {"type": "pong", "ref": 5})
    one.send(good)
    check("a message before hello", one.message("sent", "refused")["type"] == "sent")
    check("hello", one.hello()["type"] == "ready")
    refused("hello again", {"type": "hello", "cursors": []}, "unknown-frame")
    for what, text in {"no JSON": b"{", "a list": b"[]", "nothing": b"", "a hundred levels": b'{"a":' * 100 + b"1" + b"}" * 100,
                       "a field twice": b'{"type":"ping","type":"ping","ref":1}'}.items():
        refused(what, text, "invalid-json")
    refused("no type", {"ref": 1}, "invalid-field")
    refused("an unknown type", {"type": MARKER}, "unknown-frame")
    refused("a type that is a number", {"type": 5}, "invalid-field")
    for name in ("ref", "conversation_id", "idempotency_id", "epoch", "message", "priority", "needs_acknowledgement"):
        refused(f"send without {name}", {key: value for key, value in good.items() if key != name}, "invalid-field")
        refused(f"send where {name} is an object", good | {name: {MARKER: 1}}, "invalid-field")
    refused("send with a field too many", good | {MARKER: MARKER}, "invalid-field")
    refused("send of no MLS message", good | {"message": b64(MARKER.encode()), "idempotency_id": new_id()}, "malformed-message")
    refused("send to A's conversation", good | {"conversation_id": a.conversation, "idempotency_id": new_id(),
                                                "message": b64(application_message(a.conversation, 1))}, "conversation-not-found")
    nowhere = new_id()
    refused("send to nowhere", good | {"conversation_id": nowhere, "idempotency_id": new_id(),
                                       "message": b64(application_message(nowhere, 1))}, "conversation-not-found")
    refused("other words under the same id", good | {"message": b64(application_message(b.conversation, b.epoch))}, "idempotency-reused")
    refused("a receipt for A's conversation", {"type": "receipt", "conversation_id": a.conversation, "read": 1}, "conversation-not-found")
    refused("a receipt that is ahead", {"type": "receipt", "conversation_id": b.conversation, "read": 10 ** 9}, "receipt-ahead")
    refused("a cursor below nothing", {"type": "hello", "cursors": [{"conversation_id": b.conversation, "after": -1}]}, "invalid-field")
    one.send({"type": "typing", "conversation_id": a.conversation})  # Not answered, and not passed on.
    largest = good | {"idempotency_id": new_id(), "message": b64(application_message(b.conversation, b.epoch, 256 * 1024 - 80)), "ref": 77}
    one.send(largest)
    answer = one.message("sent", "refused")
    check("the largest message that is promised", answer is not None and answer["type"] == "sent", answer)
    one.close()


def resident_megabytes():
    for line in pathlib.Path(f"/proc/{server_pid}/status").read_text().split("\n"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def floods():
    """One who asks without end and reads nothing costs a bounded amount, and nobody else notices."""
    before = resident_megabytes()
    flooder = Socket(port, b.caller.cookie)
    flooder.connection.socket.settimeout(5)
    frame = json.dumps({"type": "ping", "ref": 1}).encode()
    sent = 0
    try:
        for _ in range(60_000):
            flooder.send(frame)
            sent += 1
    except OSError:
        pass  # Held back, or cut off: both bound it.
    quiet = Socket(port, a.caller.cookie)
    quiet.send({"type": "ping", "ref": 9})
    check("somebody else during a flood", quiet.message("pong") == {"type": "pong", "ref": 9})
    grown = resident_megabytes() - before
    check("memory during a flood", grown < 64, f"{grown} MB more for {sent} frames")
    quiet.close()
    flooder.close()


def slow_reader():
    """Somebody who stops reading is sent no more than fits, and gets every entry, in order and once, when they read again. Of other
    news that did not fit they are told that there was some (MSG-2)."""
    slow = Socket(port, a2.caller.cookie)
    slow.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    log = a2.get(f"/v1/conversations/{a2.conversation}").json()
    start = log["last_sequence"]
    check("the slow reader's hello", slow.hello([{"conversation_id": a2.conversation, "after": start}])["type"] == "ready")
    before = resident_megabytes()
    fast = Socket(port, a.caller.cookie)
    fast.hello([{"conversation_id": a.conversation, "after": start}])
    count = 300
    for number in range(count):
        fast.send({"type": "send", "ref": number, "conversation_id": a.conversation, "idempotency_id": new_id(), "epoch": a.epoch,
                   "message": b64(application_message(a.conversation, a.epoch, 24_000)), "priority": "routine", "needs_acknowledgement": False})
        own = fast.message("entry", "refused")
        check("sending to a slow reader", own["type"] == "entry", own)
        check("what comes back to who sent it", own["body"] == "" and fast.message("sent")["sequence"] == own["sequence"], len(own["body"]))
    fast.send({"type": "receipt", "conversation_id": a.conversation, "read": start + count})
    while fast.message("receipts")["read"] != start + count:
        pass
    check("memory for a slow reader", resident_megabytes() - before < 64, f"{resident_megabytes() - before} MB more")
    seen, told = [], []
    while len(seen) < count or not told:
        frame = slow.message("entry", "receipts", "behind")
        if frame["type"] == "entry":
            check("what a slow reader gets whole", len(frame["body"]) > 24_000, len(frame["body"]))
            seen.append(frame["sequence"])
        else:
            told.append(frame["type"])
    check("what the slow reader gets", seen == list(range(start + 1, start + count + 1)), seen[:5] + seen[-5:])
    check("what the slow reader is told", told == ["behind"], told)
    slow.send({"type": "ping", "ref": 3})
    check("the slow reader afterwards", slow.message("pong", "entry", "behind") == {"type": "pong", "ref": 3})
    slow.close()
    fast.close()


def slow_connections():
    """Each of these is cut off by a deadline of its own; they wait side by side."""
    def nothing_at_all():
        return "a connection that begins no handshake", Connection(port, tls=False)

    def half_a_handshake():
        one = Connection(port, tls=False)
        one.send(b"\x16\x03\x01\x02\x00\x01\x00")
        return "half a handshake", one

    def silence():
        return "a connection that asks nothing", Connection(port)

    def half_a_header():
        one = Connection(port)
        one.send(b"GET /v1/session HTTP/1.1\r\nHost: localhost\r\n")
        return "half a header", one

    def a_header_drop_by_drop():
        one = Connection(port)
        stop = time.time() + 8

        def drip():
            try:
                for byte in b"GET /v1/session HTTP/1.1\r\nX: " + b"x" * 1000:
                    if time.time() > stop:
                        return
                    one.send(bytes([byte]))
                    time.sleep(0.1)
            except OSError:
                pass
        threading.Thread(target=drip, daemon=True).start()
        return "a header drop by drop", one

    def half_a_body():
        one = Connection(port)
        one.send(f"POST /v1/sign-in/password HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost:{port}\r\n"
                 "Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{".encode())
        return "half a body", one

    def wait(make):
        what, one = make()
        begun = time.time()
        ended = one.closed_within(20)
        one.close()
        return what, ended, time.time() - begun

    makers = [nothing_at_all, half_a_handshake, silence, half_a_header, a_header_drop_by_drop, half_a_body]
    with concurrent.futures.ThreadPoolExecutor(len(makers)) as pool:
        for what, ended, took in pool.map(wait, makers):
            check(what, ended, f"still open after {took:.0f} s")


def many_connections():
    """One address may take its share and no more; another one is served all the while, and the share comes back."""
    def idle():
        one = socket.create_connection(("127.0.0.1", port), timeout=5, source_address=("127.0.0.60", 0))
        return one
    crowd = []
    refused = 0
    for _ in range(1500):
        try:
            crowd.append(idle())
        except OSError:
            refused += 1
    time.sleep(0.5)
    alive = 0
    for one in crowd:
        one.setblocking(False)
        try:
            alive += one.recv(1) != b""
        except BlockingIOError:
            alive += 1
        except OSError:
            pass
    check("fifteen hundred connections from one address", alive <= 64, f"{alive} are held")
    other = Caller(port, "127.0.0.61").get("/healthz")
    check("another address meanwhile", other.status == 200, other.body)
    for one in crowd:
        one.close()
    time.sleep(0.5)
    again = Caller(port, "127.0.0.60").get("/healthz")
    check("the same address afterwards", again.status == 200, again.body)


for part in (upgrades, frames, words, floods, slow_reader, slow_connections, many_connections):
    begun = time.time()
    part()
    print(f"       {part.__name__.replace('_', ' ')}: {time.time() - begun:.1f} s", flush=True)
sys.exit(1 if failures else 0)
