"""Checks that actions and audit entries stand one to one: reads the entries of a log's files and the counts of a `wardline-load --verify`.

usage: audit_entries.py DATA_DIRECTORY VERIFY_JSON
"""
import collections
import json
import pathlib
import sys


def entries(audit):
    """Every entry of the log, in order: full bundles, then the last partial one (docs/audit-log-format.md)."""
    size = int((audit / "checkpoint").read_text().split("\n")[1])
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        name = tile_name(index) + ("" if width == 256 else f".p/{width}")
        yield from bundle((audit / "tile" / "entries" / name).read_bytes(), width)


def tile_name(index):
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts))


def bundle(data, width):
    for _ in range(width):
        length = int.from_bytes(data[:2], "big")
        yield json.loads(data[2:2 + length])
        data = data[2 + length:]
    assert not data, "bytes behind the last entry of a bundle"


def check(audit, verified):
    """Messages of the log and entries of the audit log: the first difference in words, or nothing."""
    recorded = collections.defaultdict(collections.Counter)
    for entry in entries(audit):
        if entry["what"] != "message.send" or entry["outcome"] != "done":
            continue
        for thing in entry["on"]:
            if thing["kind"] == "message":
                recorded[thing["id"]][thing["n"]] += 1
    for conversation, counted in verified["conversations"].items():
        numbers = recorded.pop(conversation, collections.Counter())
        doubled = [number for number, times in numbers.items() if times > 1]
        if doubled:
            return f"conversation {conversation}: {len(doubled)} messages have two audit entries, the first is {min(doubled)}"
        # What the generator's conversations hold besides messages are the commits at their beginning.
        first = counted["last_sequence"] - counted["messages"] + 1
        missing = [number for number in range(first, counted["last_sequence"] + 1) if number not in numbers]
        if missing:
            return f"conversation {conversation}: {len(missing)} messages have no audit entry, the first is {missing[0]}"
        if len(numbers) != counted["messages"]:
            return f"conversation {conversation}: {len(numbers) - counted['messages']} audit entries have no message"
    if recorded:
        return f"{len(recorded)} conversations have audit entries and are not there"
    return None


if __name__ == "__main__":
    counts = json.loads(pathlib.Path(sys.argv[2]).read_text())
    wrong = check(pathlib.Path(sys.argv[1]) / "audit", counts)
    total = sum(one["messages"] for one in counts["conversations"].values())
    print(wrong or f"{total} messages, {total} audit entries, one for each")
    sys.exit(1 if wrong else 0)
