"""Draws a frozen list again in plain Python, written from the definitions alone.

Reads from standard input one JSON object per line, as the form of the page /draw holds it (list, whole, parts,
round, seats, twins, rehearsal), and prints one JSON object per line: hash, seed, bits, order, print; null where
the list or a field is refused.
"""

import csv
import hashlib
import io
import json
import re
import sys

import chacha20


class Refused(Exception):
    pass


def whole(text):
    if not re.fullmatch(r"\+?[0-9]+", text, re.ASCII) or int(text) >= 1 << 32:
        raise Refused
    return int(text)


def tickets_of(text):
    """(id, heads) in the bytewise order of ids."""
    rows = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if row]
    if not rows:
        raise Refused
    names = [name.strip() for name in rows[0]]
    if "ticket" not in names or set(names) - {"ticket", "heads", "number"} or len(set(names)) < len(names):
        raise Refused
    found, numbers = {}, {}
    for row in rows[1:]:
        if len(row) > len(names):
            raise Refused
        cells = dict(zip(names, (cell.strip() for cell in row)))
        name, heads = cells["ticket"], whole(cells.get("heads") or "1")
        kept = all(sign.isalnum() or sign in "-./:_" for sign in name)
        if not 1 <= len(name) <= 64 or not kept or not 1 <= heads <= 9 or name in found:
            raise Refused
        found[name] = heads
        if cells.get("number"):
            numbers[name] = whole(cells["number"])
    order = sorted(found, key=lambda name: name.encode())
    if not order or any(numbers.get(name, place) != place for place, name in enumerate(order, 1)):
        raise Refused
    return [(name, found[name]) for name in order]


def entropy(parts):
    """Tenths of a bit at most, from the characters of the parts."""
    tenths = 0
    for part in parts:
        digits = sum(byte in b"0123456789" for byte in part)
        signs = sum(byte in b" ,.:;+-/\t" for byte in part)
        if digits + signs == len(part):
            tenths += 33 * digits
        elif len(part) >= 16 and all(byte in b"0123456789abcdefABCDEF" for byte in part):
            tenths += 40 * len(part)
        else:
            tenths += 33 * digits + 60 * (len(part) - digits - signs)
    return min(tenths, 2560)


def recompute(asked):
    tickets = tickets_of(asked["list"])
    digest = chacha20.list_hash([f"{name},{heads}".encode() for name, heads in tickets])
    parts = [part.encode() for part in re.split(r"\r?\n", asked["parts"]) if part]
    round, left = whole(asked["round"].strip()), whole(asked["seats"].strip())
    above = asked["whole"].strip()
    if not parts or asked["twins"] not in ("admit_both", "next_single"):
        raise Refused
    if not re.fullmatch(r"([0-9a-fA-F]{64})?", above):
        raise Refused
    tenths = entropy(parts)
    if asked["rehearsal"]:
        parts.append(b"rehearsal")
    seed = chacha20.seed_of(bytes.fromhex(above) or digest, parts)
    drawn = sorted((chacha20.lot(seed, round, name), name.encode(), name, heads) for name, heads in tickets)
    text = "place,ticket,number,heads,admitted\n"
    for place, (number, _, name, heads) in enumerate(drawn, 1):
        admitted = left > 0 and (heads <= left or asked["twins"] == "admit_both")
        if admitted:
            left = max(0, left - heads)
        text += f"{place},{name},{number},{heads},{int(admitted)}\n"
    return {"hash": digest.hex(), "seed": seed.hex(), "bits": f"{tenths // 10}.{tenths % 10}", "order": text,
            "print": hashlib.sha256(text.encode()).hexdigest()}


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            answer = recompute(json.loads(line))
        except Refused:
            answer = None
        print(json.dumps(answer))
