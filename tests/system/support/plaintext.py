"""Plants what must not be found in the product, and looks for it.

usage: plaintext.py plant PORT DEMO_ACCOUNTS_JSON NEEDLES     signs people in and looks for patients, through the API; writes NEEDLES
       plaintext.py search NEEDLES WHERE PLACE...             looks for them; WHERE (disk or memory) says which ones must not be there
       plaintext.py control FOLDER                            shows that the search finds a needle in each form; exits 1 if it does not

NEEDLES: a JSON list of {"what", "text" or "hex", "where": [...], "must": true for those that have to be found: the search works there}.
"""
import base64
import json
import pathlib
import sys
import time

from wardline import Caller, Person, totp_code

# What the browsers write in the first test of the main journey (web/tests/browser/journey.spec.ts): messages, a title, a draft.
JOURNEY = ["bring calcium gluconate", "Bed 17A", "ECG now, please", "ECG is on its way", "Half a thou"]


def forms(data):
    """The ways in which bytes get written somewhere."""
    yield "as it is", data
    try:
        yield "in UTF-16", data.decode().encode("utf-16-le")
    except UnicodeDecodeError:
        pass
    yield "in hexadecimal", data.hex().encode()
    yield "in HEXADECIMAL", data.hex().upper().encode()
    for shift in range(3):
        # Where it does not begin at a multiple of three bytes, its first and last characters depend on the neighbours.
        padded = base64.b64encode(b"\0" * shift + data)
        inner = padded[(0, 2, 3)[shift]:].rstrip(b"=")
        inner = inner if (shift + len(data)) % 3 == 0 else inner[:-1]
        if len(inner) >= 8:
            yield f"in base64, shifted by {shift}", inner
            yield f"in base64url, shifted by {shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))


BLOCK = 64 * 1024
ZEROS = bytes(BLOCK)


def condensed(blocks):
    """The blocks one behind the other, without those that hold nothing: memory and write-ahead logs are mostly zeros."""
    kept = bytearray()
    for block in blocks:
        if block == ZEROS[:len(block)]:
            if not kept.endswith(ZEROS[:64]):
                kept += ZEROS[:64]
        else:
            kept += block
    return bytes(kept)


def blocks_of_file(path):
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def blocks_of_process(pid):
    """What the process has in memory of its own, stack and heap and all: not the program and the libraries themselves."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory, open(f"/proc/{pid}/pagemap", "rb", 0) as pages:
        for line in maps:
            where, rights, _, _, inode, *name = line.split()
            if not rights.startswith("rw") or name[:1] in (["[vvar]"], ["[vsyscall]"]):
                continue
            begin, end = (int(one, 16) for one in where.split("-"))
            pages.seek(begin // 4096 * 8)
            present = pages.read((end - begin) // 4096 * 8)
            for at in range(begin, end, BLOCK):
                entries = present[(at - begin) // 512:(at - begin + BLOCK) // 512]
                if any(entries[7::8][i] & 0xC0 for i in range(len(entries) // 8)):  # In memory, or swapped out.
                    memory.seek(at)
                    yield memory.read(min(BLOCK, end - at))


def contents(place):
    """(name, content) of a file, of every file in a folder, or of process:PID."""
    if place.startswith("process:"):
        yield place, condensed(blocks_of_process(int(place.partition(":")[2])))
        return
    path = pathlib.Path(place)
    for file in [path] if path.is_file() else path.rglob("*"):
        if file.is_file() and not file.is_symlink():
            yield str(file), condensed(blocks_of_file(file))


def find(needles, places):
    """Every needle that is in one of the places: (needle, form, name of the file, what stands around it)."""
    wanted = [(needle, form, data) for needle in needles
              for form, data in forms(bytes.fromhex(needle["hex"]) if "hex" in needle else needle["text"].encode())]
    for place in places:
        for name, content in contents(str(place)):
            for needle, form, data in wanted:
                at = content.find(data)
                if at >= 0:
                    yield needle, form, name, content[max(0, at - 40):at + len(data) + 40]


def plant(port, accounts, needles_file):
    needles = []

    def needle(what, text, *where):
        needles.append({"what": what, "text": text, "where": list(where)})
        return text

    people = {one["username"]: one for one in json.loads(pathlib.Path(accounts).read_text())["accounts"]}
    for account in people.values():
        needle("a password", account["password"], "disk", "memory")
        needle("an activation code", account["activation_code"], "disk", "memory")

    ruth = Person(port, people["john.smyth"], "127.0.0.50").enrol()
    needle("a one-time code's secret", ruth.totp_secret, "disk", "memory")
    raw = base64.b32decode(ruth.totp_secret + "=" * (-len(ruth.totp_secret) % 8))
    needles.append({"what": "a one-time code's secret, decoded", "hex": raw.hex(), "where": ["disk", "memory"]})
    ruth.sign_in(time.time() + 30).bind_device()

    # A patient who is there, one who is not, and words that are looked for.
    found = ruth.post("/v1/patients/match", {"mrn": needle("a patient's record number", "40012619", "disk", "memory"),
                                             "birth_date": needle("a patient's birth date", "1947-08-29", "disk"),
                                             "family_name": needle("a patient's name", "Thompson", "disk", "memory")})
    assert found.status == 200, found.body
    needle("an allergy", "Amiodarone", "disk", "memory")
    for _ in range(3):
        absent = ruth.post("/v1/patients/match",
                           {"mrn": needle("a record number that was looked for", "77Q003391X", "disk", "memory"),
                            "family_name": needle("a long name that was looked for", "Quillfeather-Zacharopoulou-Ostrander", "disk", "memory"),
                            "given_name": needle("a short name that was looked for", "Xanthippeq", "disk", "memory")})
        assert absent.code() == "patient-not-found", absent.body
    ruth.post("/v1/directory/search", {"query": needle("words that were searched", "zymurgistwhocarries", "disk", "memory")})
    Caller(port, "127.0.0.51").post("/v1/sign-in/password", {"username": needle("a name that nobody has", "nobody.vexatiousq", "disk", "memory"),
                                                             "password": needle("a wrong password", "wrong-passwordQq7zx", "disk", "memory")})
    Caller(port, "127.0.0.51").post("/v1/sign-in/password", raw=b'{"username":"' + needle("a cut-off body", "halfabodyQq7zz", "disk", "memory").encode())
    token = ruth.caller.cookie.split("=", 1)[1]
    needle("the token of a session that has ended", token, "disk", "memory")
    assert ruth.request("DELETE", "/v1/session").status == 204
    ruth.caller.connection.close()

    # That the search can find: who works here is in the directory, in memory, and people are known by their user id on disk.
    needles.append({"what": "somebody's name in the directory", "text": "Helen Brooks", "where": ["memory"], "must": True})
    needles.append({"what": "a person's id", "hex": ruth.user_id.replace("-", ""), "where": ["disk"], "must": True})
    for text in JOURNEY:
        needle("what the browsers wrote", text, "disk", "memory")
    unique = {(one.get("text"), one.get("hex")): one for one in needles}
    pathlib.Path(needles_file).write_text(json.dumps(list(unique.values())))


def search(needles_file, where, places):
    needles = [one for one in json.loads(pathlib.Path(needles_file).read_text()) if where in one["where"]]
    found = set()
    wrong = 0
    for needle, form, path, around in find(needles, places):
        found.add(needle["what"])
        if not needle.get("must"):
            wrong += 1
            print(f"       FOUND {needle['what']} {form} in {path}: {around!r}")
    for needle in needles:
        if needle.get("must") and needle["what"] not in found:
            wrong += 1
            print(f"       NOT FOUND: {needle['what']}. The search does not work there.")
    print(f"       {len(needles)} needles looked for in {', '.join(places)}: {wrong} wrong")
    return wrong


def control(folder):
    """Each form of a needle is found, wherever it stands."""
    needle = {"what": "control", "text": "Jürgen Müller-Zq9", "where": []}
    data = needle["text"].encode()
    written = [data, data.decode().encode("utf-16-le"), data.hex().encode(), data.hex().upper().encode()]
    written += [base64.b64encode(b"x" * before + data + b"y" * after) for before in range(3) for after in range(3)]
    written += [base64.urlsafe_b64encode(b"?>" + b"x" * before + data) for before in range(3)]
    missed = 0
    for index, text in enumerate(written):
        file = pathlib.Path(folder) / f"control-{index}"
        file.write_bytes(b"\0" * 5000 + text + b"\0" * 5000)
        missed += not any(True for _ in find([needle], [file]))
        file.unlink()
    return missed


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "plant":
        plant(int(arguments[0]), *arguments[1:])
    elif command == "search":
        sys.exit(1 if search(arguments[0], arguments[1], arguments[2:]) else 0)
    elif command == "control":
        sys.exit(1 if control(arguments[0]) else 0)
    else:
        sys.exit(__doc__)
