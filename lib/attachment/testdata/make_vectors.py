"""Writes cobblestone-256.json: files encrypted by an implementation that is not ours, the Python package cryptography 50.

Needs `pip install cryptography==50.0.2`. Salts are drawn by that package, so each run writes other vectors.
"""

import base64
import json
import pathlib

from cryptography.cobblestone import Cobblestone256Encryptor

CONTEXT = "wardline message file v1"


def plaintext(size: int) -> bytes:
    return bytes((7 * i + 3) % 251 for i in range(size))


def vector(size: int, context: str) -> dict:
    key = Cobblestone256Encryptor.generate_key()
    encryptor = Cobblestone256Encryptor(key, context.encode())
    sealed = encryptor.update(plaintext(size)) + encryptor.finalize()
    return {
        "context": context,
        "key": key.hex(),
        "size": size,
        "sealed": base64.b64encode(sealed).decode(),
    }


vectors = [vector(size, CONTEXT) for size in (0, 1, 16383, 16384, 16385, 32768)]
vectors.append(vector(1000, ""))
path = pathlib.Path(__file__).with_name("cobblestone-256.json")
path.write_text(json.dumps({"plaintext": "byte i is (7 * i + 3) mod 251", "vectors": vectors}, indent=2) + "\n")
