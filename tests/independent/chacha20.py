"""ChaCha20 and the lots of zhaosheng in plain Python, written from the definitions alone.

Usage as a program: chacha20.py SEED_HEX ROUND PERSON... prints one number per line.
"""

import hashlib
import struct
import sys

MASK = 0xFFFFFFFF


def _quarter(s, a, b, c, d):
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & MASK
        v = s[z] ^ s[x]
        s[z] = ((v << turn) | (v >> (32 - turn))) & MASK


def block(key, counter, stream):
    """One 64-byte block: 20 rounds, 64-bit counter, 64-bit stream (Bernstein's layout)."""
    start = list(struct.unpack("<4I", b"expand 32-byte k") + struct.unpack("<8I", key)
                 + struct.unpack("<2I", struct.pack("<Q", counter))
                 + struct.unpack("<2I", struct.pack("<Q", stream)))
    s = start[:]
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
            _quarter(s, a, b, c, d)
        for a, b, c, d in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            _quarter(s, a, b, c, d)
    return struct.pack("<16I", *((x + y) & MASK for x, y in zip(s, start)))


def list_hash(lines):
    """The hash of a frozen list; lines are bytes."""
    ordered = sorted(lines)
    assert len(set(ordered)) == len(ordered), "a line stands twice"
    return hashlib.sha256(b"zhaosheng/list/1" + b"".join(line + b"\n" for line in ordered)).digest()


def seed_of(list_digest, parts):
    """The seed of a list hash and the parts (bytes) drawn after it."""
    text = b"zhaosheng/seed/1" + list_digest
    for part in parts:
        text += struct.pack("<Q", len(part)) + part
    return hashlib.sha256(text).digest()


def lot(seed_bytes, round, person):
    """The draw number of a person; the smaller wins."""
    digest = hashlib.sha256(b"zhaosheng/lot/1" + struct.pack("<I", round) + person.encode("utf-8")).digest()
    stream, counter = struct.unpack("<2Q", digest[:16])
    return struct.unpack("<Q", block(seed_bytes, counter & ((1 << 60) - 1), stream)[:8])[0]


def self_test():
    """RFC 8439 2.3.2, with its 96-bit nonce laid over the counter's upper half and the stream."""
    key = bytes(range(32))
    counter = 1 | (0x09000000 << 32)
    stream = 0x4A000000
    assert block(key, counter, stream).hex().startswith("10f1e7e4d13b5915500fdd1fa32071c4")


if __name__ == "__main__":
    self_test()
    for name in sys.argv[3:]:
        print(lot(bytes.fromhex(sys.argv[1]), int(sys.argv[2]), name))
