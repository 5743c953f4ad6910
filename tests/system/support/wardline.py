"""A client of the API for tests that misbehave: raw requests, raw WebSocket frames, sign-in with a one-time code, device keys.

Standard library only. The well-behaved clients are client/ (C++) and web/; this one says whatever a test wants said.
"""
import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import ssl
import struct
import subprocess
import time
import uuid

TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def new_id():
    """A version 7 UUID."""
    value = (int(time.time() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    return str(uuid.UUID(int=value))


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def json(self):
        return json.loads(self.body)

    def code(self):
        """The last part of the problem type; nothing for an answer that is no problem document."""
        if self.fields.get("content-type") != "application/problem+json":
            return None
        return self.json()["type"].removeprefix("urn:wardline:problem:")


class Connection:
    """One TLS connection. `source`: the loopback address to come from, so that limits per address can be told apart."""

    def __init__(self, port, source="127.0.0.1", tls=True, timeout=20):
        raw = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = TLS.wrap_socket(raw, server_hostname="localhost") if tls else raw
        self.port = port
        self.buffer = b""

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def fill(self):
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("closed by the server")
        self.buffer += more

    def closed_within(self, seconds):
        """Whether the server ends the connection in that time, whatever it says before."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(65536):
                pass
            return True
        except TimeoutError:
            return False
        except OSError:
            return True

    def answer(self, method="GET"):
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
        length = 0 if method == "HEAD" or status in (101, 204, 304) else int(fields.get("content-length", "0"))
        return Answer(status, fields, self.read(length))

    def request(self, method, path, body=b"", fields=None):
        """`fields`: added to, or with value None left out of, what a browser would send."""
        all_fields = {"Host": f"localhost:{self.port}", "Origin": f"https://localhost:{self.port}"}
        if body or method in ("POST", "PUT", "PATCH"):
            all_fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        all_fields |= fields or {}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in all_fields.items() if v is not None)
        self.send(head.encode("latin-1") + b"\r\n" + body)
        return self.answer(method)


class Caller:
    """Keeps a connection and opens it again when the server has closed it; sends the session cookie."""

    def __init__(self, port, source="127.0.0.1", cookie=None):
        self.port, self.source, self.cookie = port, source, cookie
        self.connection = None

    def request(self, method, path, body=None, fields=None, raw=None):
        """Waits and asks again where it was more often than one person may."""
        while True:
            answer = self.request_once(method, path, body, fields, raw)
            if answer.status != 429 or answer.code() not in ("rate-limited", "sign-in-busy"):
                return answer
            time.sleep(0.2)

    def request_once(self, method, path, body, fields, raw):
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        fields = dict(fields or {})
        if self.cookie and "Cookie" not in fields:
            fields["Cookie"] = self.cookie
        for attempt in range(2):
            try:
                if not self.connection:
                    self.connection = Connection(self.port, self.source)
                answer = self.connection.request(method, path, data, fields)
                break
            except (ConnectionError, ssl.SSLError, BrokenPipeError):
                self.connection = None
                if attempt:
                    raise
        if answer.fields.get("connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
        if "set-cookie" in answer.fields:
            self.cookie = answer.fields["set-cookie"].split(";")[0]
        return answer

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, {} if body is None else body, **more)


def totp_code(secret_base32, at=None):
    secret = base64.b32decode(secret_base32 + "=" * (-len(secret_base32) % 8))
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7fffffff) % 1_000_000:06}"


class DeviceKey:
    """ECDSA P-256 with the openssl program: nothing in Python's own library signs."""

    def __init__(self, raw=None):
        if raw is None:
            der = subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"],
                                 check=True, capture_output=True).stdout
        else:  # RFC 5915
            der = bytes.fromhex("30310201010420") + raw + bytes.fromhex("a00a06082a8648ce3d030107")
        self.der = der

    def _openssl(self, arguments, data):
        read, write = os.pipe()
        os.write(write, self.der)
        os.close(write)
        try:
            return subprocess.run(["openssl", *[f"/dev/fd/{read}" if one == "KEY" else one for one in arguments]],
                                  input=data, check=True, capture_output=True, pass_fds=[read]).stdout
        finally:
            os.close(read)

    def public_point(self):
        return self._openssl(["ec", "-in", "KEY", "-inform", "DER", "-pubout", "-outform", "DER"], b"")[-65:]

    def sign(self, data):
        return self._openssl(["dgst", "-sha256", "-keyform", "DER", "-sign", "KEY"], data)


class Person:
    """Somebody with an account, perhaps signed in, perhaps at a device."""

    def __init__(self, port, account, source="127.0.0.1"):
        self.account = account
        self.caller = Caller(port, source)
        self.key = None
        self.device_id = None
        self.user_id = None
        self.totp_secret = None

    @classmethod
    def of_state(cls, port, saved, source="127.0.0.1"):
        """One of those whom `wardline-load --state` keeps."""
        person = cls(port, {"username": saved["username"], "password": saved["password"]}, source)
        person.caller.cookie = saved["cookie"]
        person.key = DeviceKey(unb64(saved["device_key"]))
        person.device_id, person.user_id = saved["device_id"], saved["user_id"]
        person.totp_secret, person.conversation = saved["totp_secret"], saved["conversation_id"]
        person.epoch = saved["epoch"]
        return person

    def __getattr__(self, name):  # get, post, request
        return getattr(self.caller, name)

    def password(self):
        answer = self.caller.post("/v1/sign-in/password",
                                          {"username": self.account["username"], "password": self.account["password"]})
        assert answer.status == 200, answer.body
        return answer.json()["sign_in_id"]

    def enrol(self):
        """First sign-in: a one-time code as second factor, and a device."""
        sign_in = self.password()
        begun = self.caller.post("/v1/sign-in/enrol/begin", {"sign_in_id": sign_in, "factor": "totp",
                                                              "activation_code": self.account["activation_code"]})
        assert begun.status == 200, begun.body
        self.totp_secret = begun.json()["secret_base32"]
        done = self.caller.post("/v1/sign-in/enrol/totp", {"sign_in_id": sign_in, "code": totp_code(self.totp_secret)})
        assert done.status == 200, done.body
        self.user_id = done.json()["user"]["user_id"]
        self.register_device()
        return self

    def sign_in(self, at=None):
        sign_in = self.password()
        done = self.caller.post("/v1/sign-in/totp", {"sign_in_id": sign_in, "code": totp_code(self.totp_secret, at)})
        assert done.status == 200, done.body
        return self

    def proof(self):
        challenge = self.caller.post("/v1/session/challenge").json()["challenge"]
        return {"challenge": challenge, "signature": b64(self.key.sign(b"wardline device session v1\0" + unb64(challenge)))}

    def register_device(self):
        self.key = DeviceKey()
        self.device_id = new_id()
        answer = self.caller.post("/v1/devices", {"device_id": self.device_id, "name": "test",
                                                  "signature_key": b64(self.key.public_point()), **self.proof()})
        assert answer.status == 200, answer.body

    def bind_device(self):
        answer = self.caller.post("/v1/session/device", {"device_id": self.device_id, **self.proof()})
        assert answer.status == 200, answer.body
        return self


def application_message(conversation, epoch, size=200):
    """An MLSMessage with a PrivateMessage (RFC 9420 §6): random bytes, which to the server are like any ciphertext."""
    def vector(data):
        length = len(data)
        if length < 64:
            return struct.pack(">B", length) + data
        return (struct.pack(">H", 0x4000 | length) if length < 16384 else struct.pack(">I", 0x80000000 | length)) + data

    return (struct.pack(">HH", 1, 2) + vector(uuid.UUID(conversation).bytes) + struct.pack(">QB", epoch, 1) + vector(b"") +
            vector(os.urandom(28)) + vector(os.urandom(size)))


class Socket:
    """The device socket, frame by frame (RFC 6455)."""

    TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

    def __init__(self, port, cookie, source="127.0.0.1", fields=None):
        self.connection = Connection(port, source)
        self.upgrade = self.connection.request("GET", "/v1/socket", fields={
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "Cookie": cookie} | (fields or {}))

    def frame(self, opcode, payload, final=True, masked=True):
        head = bytes([(0x80 if final else 0) | opcode])
        mask_bit = 0x80 if masked else 0
        if len(payload) < 126:
            head += bytes([mask_bit | len(payload)])
        elif len(payload) < 65536:
            head += bytes([mask_bit | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([mask_bit | 127]) + struct.pack(">Q", len(payload))
        if masked:
            mask = os.urandom(4)
            head += mask
            payload = bytes(a ^ b for a, b in zip(payload, (mask * (len(payload) // 4 + 1))[:len(payload)]))
        self.connection.send(head + payload)

    def send(self, message):
        self.frame(self.TEXT, message if isinstance(message, bytes) else json.dumps(message).encode())

    def receive(self):
        """The next frame: (opcode, payload). Pings are answered."""
        while True:
            first, second = self.connection.read(2)
            length = second & 127
            if length == 126:
                length = struct.unpack(">H", self.connection.read(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.connection.read(8))[0]
            payload = self.connection.read(length)
            if first & 15 != self.PING:
                return first & 15, payload
            self.frame(self.PONG, payload)

    def message(self, *types):
        """The next message of one of these types; nothing when the server closes first."""
        while True:
            opcode, payload = self.receive()
            if opcode == self.CLOSE:
                self.close_code = struct.unpack(">H", payload[:2])[0] if payload else None
                return None
            message = json.loads(payload)
            if not types or message["type"] in types:
                return message

    def hello(self, cursors=()):
        self.send({"type": "hello", "cursors": list(cursors)})
        return self.message("ready", "refused")

    def close(self):
        self.connection.close()
