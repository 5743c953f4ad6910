"""What bad_input.py was refused, and matters, is in the audit log.

usage: refusals_on_record.py AUDIT_FOLDER
"""
import collections
import pathlib
import sys

import audit_entries

WANTED = {
    ("conversation.read", "denied", "conversation-not-found"), ("message.send", "denied", "conversation-not-found"),
    ("commit.send", "denied", "conversation-not-found"), ("proposal.send", "denied", "conversation-not-found"),
    ("group-info.read", "denied", "conversation-not-found"), ("receipt.send", "denied", "conversation-not-found"),
    ("delivery.report", "denied", "conversation-not-found"), ("device.revoke", "denied", None), ("patient.read", "denied", None),
    ("patient.match", "denied", None), ("public.sign-in", "failed", "wrong-code"),
    ("user.manage", "denied", None), ("audit.read", "denied", None), ("file.begin", "denied", None), ("file.read", "denied", None),
    ("file.complete", "failed", "digest-mismatch"), ("system.session-expire", "done", None), ("session.bind-device", "failed", "wrong-proof"),
}
counts = collections.Counter((one["what"], one["outcome"], one.get("why")) for one in audit_entries.entries(pathlib.Path(sys.argv[1])))
missing = [wanted for wanted in WANTED
           if not any(found[:2] == wanted[:2] and wanted[2] in (None, found[2]) for found in counts)]
for wanted in sorted(missing, key=str):
    print(f"       NOT ON RECORD: {wanted}; there are {[one for one in counts if one[0] == wanted[0]]}")
print(f"       {sum(n for (_, outcome, _), n in counts.items() if outcome == 'denied')} refusals on record")
sys.exit(1 if missing else 0)
