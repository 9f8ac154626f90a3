#!/usr/bin/env python3
"""Recompute a zhaosheng result folder from its own inputs and compare everything.

    python3 verify.py DIR
    python3 verify.py DIR --salts FILE --leaves-root HEX
    python3 verify.py --leaf FILE --leaves-root HEX [--root HEX] [--candidates N]

Exit 0: everything in DIR follows from DIR/proof/input (with --salts: and every candidate's line is
under the published root), or the line of FILE is under it; 1: the first difference is named;
2: DIR is no result folder, FILE no leaf/1. Standard library only, exact integers only. The section numbers
("R6") are those of `proof_readme.md`, the document shipped in each result folder; "M2" is
section 2 of the design page `mechanism.md`. Nothing here was taken from the program's own code.
"""
import argparse
import csv
import gc
import hashlib
import io
import json
import os
import re
import sys
from fractions import Fraction
from functools import lru_cache

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10 have no TOML reader
    tomllib = None

UNIT = 10 ** 12  # every number of points is an int in this unit


class Fault(Exception):
    """The folder does not hold what it says; the message names the first place."""


class NoFolder(Exception):
    """The argument is no result folder."""


# ---------------------------------------------------------------- numbers and sheets

NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d{1,12}))?")


@lru_cache(maxsize=None)
def points_of(text):
    """A decimal as an int in units of 10^-12."""
    match = NUMBER.fullmatch(text)
    if not match:
        raise Fault("not a number: %r" % text)
    sign, whole, part = match.groups()
    value = int(whole) * UNIT + int(((part or "") + "0" * 12)[:12])
    return -value if sign else value


def setting(value):
    """A number of season.toml (int, text, or float kept as text), None where absent."""
    return None if value is None or value == "" else points_of(str(value))


@lru_cache(maxsize=None)
def shortest(value):
    """The shortest decimal writing (R intro)."""
    whole, part = divmod(abs(value), UNIT)
    text = str(whole)
    if part:
        text += "." + ("%012d" % part).rstrip("0")
    return "-" + text if value < 0 else text


def times(a, b):
    """Exact product of two numbers of points."""
    value, rest = divmod(a * b, UNIT)
    if rest:
        raise Fault("a product has more than 12 decimal places")
    return value


def words(text):
    """The words of a list joined by `;`."""
    return [w.strip() for w in text.split(";") if w.strip()]


QUOTABLE = re.compile('["\r\n]')


def field(value):
    """One CSV field, quoted only where needed (RFC 4180)."""
    if any(c in value for c in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


def line_of(row):
    """One CSV line; the fields are looked at singly only where one may need quotes."""
    line = ",".join(row)
    if line.count(",") == len(row) - 1 and not QUOTABLE.search(line):
        return line
    return ",".join(map(field, row))


def sheet_text(header, rows):
    """The text of a CSV file."""
    return "\n".join([line_of(header)] + [line_of(row) for row in rows]) + "\n"


def parse_sheet(data, name):
    """Header and rows of the bytes of a CSV file."""
    try:
        text = data.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Fault("%s: not readable: %s" % (name, error))
    if not rows:
        raise Fault("%s: empty file" % name)
    return rows[0], rows[1:]


# ---------------------------------------------------------------- R1: input

SHEETS = {
    "areas.csv": "area_code name divisions",
    "junior_schools.csv":
        "school_code name area_code ownership nine_year graduates intake factor direct",
    "senior_schools.csv": "school_code name area_code ownership high_quality",
    "programmes.csv": "programme_code school_code name batch seats quota_share scope "
                      "gate_open gate_quota quota_base",
    "quota.csv": "programme_code junior_code seats reason",
    "candidates.csv": "exam_no junior_code area_code register_from attended repeat local bonus "
                      "quality_grade flags",
    "scores.csv": None,
    "preferences.csv": "exam_no batch position programme_code",
}


class Record:
    """A bag of named values."""

    def __init__(self, **values):
        self.__dict__.update(values)


def read_policy(path):
    """season.toml; floats are kept as their text, so nothing passes through binary fractions."""
    if tomllib is None:
        raise Fault("this Python has no tomllib: use Python 3.11 or newer")
    with open(path, "rb") as handle:
        try:
            return tomllib.load(handle, parse_float=str)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Fault("season.toml: %s" % error)


def read_sheet(folder, name, header, unique):
    """Rows of an input sheet as dicts; [] where the season did not have it."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, "rb") as handle:
        found, rows = parse_sheet(handle.read(), "proof/input/" + name)
    if found != header:
        raise Fault("proof/input/%s, row 1: expected columns %s, found %s"
                    % (name, ",".join(header), ",".join(found)))
    seen = set()
    result = []
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise Fault("proof/input/%s, row %d: %d fields, expected %d"
                        % (name, number, len(row), len(header)))
        entry = dict(zip(header, row))
        key = tuple(entry[c] for c in unique)
        if key in seen:
            raise Fault("proof/input/%s, row %d: %s stands twice" % (name, number, "/".join(key)))
        seen.add(key)
        result.append(entry)
    return result


def score_columns(policy):
    """Columns of scores.csv: per subject, or `subject.part` per part (R1)."""
    columns = []
    for subject in policy.get("subject", []):
        parts = subject.get("part", [])
        columns += [subject["code"] + "." + p["code"] for p in parts] or [subject["code"]]
    return columns


def known(table, code, name, number, column):
    """Refuse a code that its own sheet does not hold."""
    if code not in table:
        raise Fault("proof/input/%s, row %d, column %s: unknown %r" % (name, number, column, code))


def load(folder):
    """Read the whole of proof/input."""
    policy = read_policy(os.path.join(folder, "season.toml"))

    def sheet(name, *unique):
        header = SHEETS[name].split()
        return read_sheet(folder, name, header, unique)

    s = Record(policy=policy, folder=folder)
    s.areas = {r["area_code"] for r in sheet("areas.csv", "area_code")}
    s.juniors = {r["school_code"]: r for r in sheet("junior_schools.csv", "school_code")}
    s.seniors = {r["school_code"]: r for r in sheet("senior_schools.csv", "school_code")}
    s.overrides = sheet("quota.csv", "programme_code", "junior_code")
    s.batches = [read_batch(b) for b in policy.get("batch", [])]
    s.programmes = read_programmes(s, sheet("programmes.csv", "programme_code"))
    rows = sorted(sheet("candidates.csv", "exam_no"), key=lambda r: r["exam_no"])
    s.candidates = rows  # everywhere below, a candidate is her index in this order
    s.index = {r["exam_no"]: i for i, r in enumerate(rows)}
    for number, row in enumerate(rows, 2):
        if row["junior_code"]:
            known(s.juniors, row["junior_code"], "candidates.csv", number, "junior_code")
        row["flags"] = set(words(row["flags"]))
    header = ["exam_no"] + score_columns(policy)
    s.scores = {}
    for number, row in enumerate(read_sheet(folder, "scores.csv", header, ["exam_no"]), 2):
        known(s.index, row["exam_no"], "scores.csv", number, "exam_no")
        s.scores[row["exam_no"]] = row
    for number, row in enumerate(s.overrides, 2):
        known(s.programmes, row["programme_code"], "quota.csv", number, "programme_code")
        known(s.juniors, row["junior_code"], "quota.csv", number, "junior_code")
    s.lists = read_lists(s, sheet("preferences.csv", "exam_no", "batch", "position"))
    return s


def read_batch(table):
    """One [[batch]] with its defaults (R1)."""
    placing = table.get("placing", {"kind": "parallel"})
    areas = table.get("control_line_by_area", {})
    gates = [(g["subject"], setting(g["at_least"])) for g in table.get("subject_gate", [])]
    return Record(
        code=str(table["code"]), seats=table.get("seats", "integrated"),
        kind=placing.get("kind", "parallel"), points=setting(placing.get("points")),
        start=setting(placing.get("from")), choices=placing.get("choices"),
        precedence=table.get("precedence", "quota_first"),
        reversion=table.get("reversion", "open"),
        relative_gate=setting(table.get("relative_gate")),
        control_line=setting(table.get("control_line")),
        control_line_by_area={a: setting(v) for a, v in areas.items()},
        quality=table.get("quality_at_least"), subject_gates=gates,
        supplementary_of=table.get("supplementary_of"))


def read_programmes(s, rows):
    """programmes.csv with scope, gates and numbers resolved."""
    result = {}
    for number, row in enumerate(sorted(rows, key=lambda r: r["programme_code"]), 2):
        known(s.seniors, row["school_code"], "programmes.csv", number, "school_code")
        school = s.seniors[row["school_code"]]
        scope = set(words(row["scope"])) or {school["area_code"]}
        seats = int(row["seats"])
        result[row["programme_code"]] = Record(
            code=row["programme_code"], batches=set(words(row["batch"])), seats=seats,
            scope=None if "*" in scope else scope, high_quality=school["high_quality"] == "1",
            share=setting(row["quota_share"]), gate_open=setting(row["gate_open"]),
            gate_quota=setting(row["gate_quota"]),
            base=int(row["quota_base"]) if row["quota_base"] else seats)
    return result


def read_lists(s, rows):
    """lists[batch code][candidate] = [(position, programme)], positions ascending."""
    lists = {b.code: {} for b in s.batches}
    offered = {b.code: {p.code for p in offered_in(s, b)} for b in s.batches}
    for number, row in enumerate(rows, 2):
        exam_no, batch, position, code = row.values()
        known(s.index, exam_no, "preferences.csv", number, "exam_no")
        known(lists, batch, "preferences.csv", number, "batch")
        known(offered[batch], code, "preferences.csv", number, "programme_code")
        if not position.isdigit() or int(position) < 1:
            raise Fault("proof/input/preferences.csv, row %d, column position: found %r"
                        % (number, position))
        lists[batch].setdefault(s.index[exam_no], []).append((int(position), code))
    for batch in lists.values():
        for entries in batch.values():
            entries.sort()
            if len({p for _, p in entries}) < len(entries):
                raise Fault("proof/input/preferences.csv: a list names a programme twice")
    return lists


def offered_in(s, batch):
    """Programmes offered in a batch, by code (R6)."""
    names = set(batch.supplementary_of or [batch.code])
    return [p for p in s.programmes.values() if p.batches & names]


# ---------------------------------------------------------------- R2: totals, record, rank

def subject_points(subject, cells):
    """Points of one subject from its cells (R2), and the words that are no marks."""
    odd = [c for c in cells if c in ("absent", "void", "exempt", "")]
    if "exempt" in odd:
        return setting(subject.get("exempt", 0)), odd
    parts = subject.get("part", []) or [subject]
    grades = subject.get("grades")
    total = 0
    for part, cell in zip(parts, cells):
        if cell in odd:
            continue
        if grades is not None and cell not in grades:
            raise Fault("proof/input/scores.csv: unknown grade %r of %s" % (cell, subject["code"]))
        mark = setting(grades[cell]) if grades is not None else points_of(cell)
        total += times(mark, setting(part.get("weight", 1)))
    return total, odd


def valid_record(rule, states):
    """Is there a valid record of this year's exam? states: (subject, cells, odd words) (R2)."""
    for subject, _, odd in states:
        if subject.get("required") and any(w != "exempt" for w in odd):
            return False
    counting = [(cells, odd) for subject, cells, odd in states if subject.get("counts", True)]
    if rule == "all":
        return all(not odd or "exempt" in odd for _, odd in counting)
    return any(len(odd) < len(cells) for cells, odd in counting)


def half_up(value, decimals):
    """Round half up to so many decimals."""
    step = UNIT // 10 ** decimals
    return (2 * value + step) // (2 * step) * step


def compute_totals(s):
    """Fill points, plain (without bonus), bonus, total, record; one entry per candidate (R2)."""
    rule = s.policy.get("score", {})
    subjects = s.policy.get("subject", [])
    columns = [[x["code"] + "." + p["code"] for p in x.get("part", [])] or [x["code"]]
               for x in subjects]
    cap = setting(rule.get("bonus_cap"))
    s.points, s.plain, s.bonus, s.total, s.record = [], [], [], [], []
    for row in s.candidates:
        scores = s.scores.get(row["exam_no"])
        states, points, plain = [], {}, 0
        for subject, names in zip(subjects, columns):
            cells = [scores[n] for n in names] if scores else [""] * len(names)
            value, odd = subject_points(subject, cells)
            points[subject["code"]] = value
            states.append((subject, cells, odd))
            plain += value if subject.get("counts", True) else 0
        if rule.get("rounding", "none") == "half_up":
            plain = half_up(plain, rule.get("decimals", 0))
        bonus = max([points_of(b) for b in words(row["bonus"])], default=0)
        bonus = bonus if cap is None else min(bonus, cap)
        s.points.append(points)
        s.plain.append(plain)
        s.bonus.append(bonus)
        s.total.append(plain + bonus)
        s.record.append(bool(scores) and valid_record(rule.get("exam_record", "any"), states))


def comparators(s):
    """The tie chain: (name, unit, badness of candidate i, text of candidate i) (R2, R8)."""
    grades = s.policy.get("quality_grades", [])
    chain = []
    for tie in s.policy.get("tie", []):
        by = tie["by"]
        if by in ("subject", "sum"):
            codes = [tie["subject"]] if by == "subject" else tie["subjects"]
            chain.append(points_comparator("+".join(codes), [
                sum(points[c] for c in codes) for points in s.points]))
        elif by == "total_without_bonus":
            chain.append(points_comparator(by, s.plain))
        elif by == "grade":
            bad = [grade_place(grades, c["quality_grade"]) for c in s.candidates]
            text = [c["quality_grade"] for c in s.candidates]
            chain.append(("quality_grade", "places", bad, text))
        elif by == "flag":
            has = [tie["flag"] in c["flags"] for c in s.candidates]
            last = tie.get("last", False)
            chain.append((tie["flag"], "places", [int(h == last) for h in has],
                          [str(int(h)) for h in has]))
        else:
            raise Fault("season.toml: unknown comparator %r" % by)
    return chain


def points_comparator(name, values):
    """A comparator where more points come first."""
    return name, "points", [-v for v in values], [shortest(v) for v in values]


def grade_place(grades, grade):
    """Place of a quality grade; no grade or an unknown one comes last (R2)."""
    return grades.index(grade) if grade in grades else len(grades)


def compute_ranks(s):
    """The strict order: total, tie chain, lot, exam number (R2)."""
    s.chain = [points_comparator("total", s.total)] + comparators(s)
    s.chain.append(("lot", "lot", s.lots, [str(x) for x in s.lots]))
    columns = [bad for _, _, bad, _ in s.chain]
    s.order = list(zip(*columns))  # per candidate: one tuple, smaller first
    ranked = [i for i in range(len(s.candidates)) if s.record[i]]
    ranked.sort(key=lambda i: (s.order[i], i))  # i runs in byte order of exam_no
    s.rank = [None] * len(s.candidates)
    for place, i in enumerate(ranked, 1):
        s.rank[i] = place


# ---------------------------------------------------------------- R3: lots

def list_hash(exam_numbers):
    """Hash of the frozen list."""
    digest = hashlib.sha256(b"zhaosheng/list/1")
    for number in sorted(n.encode() for n in exam_numbers):
        digest.update(number + b"\n")
    return digest.digest()


def seed_of(hash_of_list, parts):
    """The public seed."""
    digest = hashlib.sha256(b"zhaosheng/seed/1" + hash_of_list)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.digest()


def chacha20_words(key, words12, words13, words14, words15):
    """First two output words of ChaCha20 blocks, many blocks at a time.

    Each big int holds one 32-bit state word of every block, in lanes of 64 bits, so one
    addition or rotation below does it for all blocks; it is the plain algorithm (RFC 8439 2.3)
    with a state of a 64-bit counter and a 64-bit nonce.
    """
    count = len(words12)
    ones = int.from_bytes(b"\x01\0\0\0\0\0\0\0" * count, "little")
    mask = ones * 0xFFFFFFFF

    def lanes(values):
        return int.from_bytes(b"".join(v.to_bytes(8, "little") for v in values), "little")

    def rotate(x, n):
        return ((x << n) | (x >> (32 - n))) & mask

    constants = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
    key_words = [int.from_bytes(key[i:i + 4], "little") for i in range(0, 32, 4)]
    x = [ones * w for w in constants] + [ones * w for w in key_words]
    x += [lanes(w) for w in (words12, words13, words14, words15)]
    start = x[:2]

    def quarter(a, b, c, d):
        x[a] = (x[a] + x[b]) & mask
        x[d] = rotate(x[d] ^ x[a], 16)
        x[c] = (x[c] + x[d]) & mask
        x[b] = rotate(x[b] ^ x[c], 12)
        x[a] = (x[a] + x[b]) & mask
        x[d] = rotate(x[d] ^ x[a], 8)
        x[c] = (x[c] + x[d]) & mask
        x[b] = rotate(x[b] ^ x[c], 7)

    for _ in range(10):
        for i in range(4):
            quarter(i, i + 4, i + 8, i + 12)
        quarter(0, 5, 10, 15)
        quarter(1, 6, 11, 12)
        quarter(2, 7, 8, 13)
        quarter(3, 4, 9, 14)
    result = []
    for i in range(2):
        data = ((x[i] + start[i]) & mask).to_bytes(8 * count, "little")
        result.append([int.from_bytes(data[k:k + 8], "little") for k in range(0, 8 * count, 8)])
    return result


def lots_of(seed, round_, exam_numbers):
    """The lot of every person (R3)."""
    head = b"zhaosheng/lot/1" + round_.to_bytes(4, "little")
    lots = []
    for start in range(0, len(exam_numbers), 1024):
        w12, w13, w14, w15 = [], [], [], []
        for number in exam_numbers[start:start + 1024]:
            digest = hashlib.sha256(head + number.encode()).digest()
            stream = int.from_bytes(digest[:8], "little")
            counter = int.from_bytes(digest[8:16], "little") & (2 ** 60 - 1)
            w12.append(counter & 0xFFFFFFFF)
            w13.append(counter >> 32)
            w14.append(stream & 0xFFFFFFFF)
            w15.append(stream >> 32)
        low, high = chacha20_words(seed, w12, w13, w14, w15)
        lots += [a | b << 32 for a, b in zip(low, high)]
    return lots


def compute_lots(s):
    """List hash, seed, lots."""
    table = s.policy.get("lot", {})
    s.round = table.get("round", 0)
    numbers = [c["exam_no"] for c in s.candidates]
    s.list_hash = list_hash(numbers)
    s.seed = seed_of(s.list_hash, table.get("parts", []))
    s.lots = lots_of(s.seed, s.round, numbers)


# ---------------------------------------------------------------- R4: eligibility

def refusals(s, rule, row):
    """Why a candidate may not use quota seats, in the order of R4."""
    grades = s.policy.get("quality_grades", [])
    limit = rule.get("register_by")
    if "legal_transfer" in row["flags"] and rule.get("transfer_register_by"):
        limit = limit and rule["transfer_register_by"]
    since, late = row["register_from"], rule.get("late_transfer_after")
    need = rule.get("quality_at_least")
    if "quota_exception" in row["flags"]:  # found eligible by two people, with evidence
        return [] if row["junior_code"] else ["no_junior"]
    tests = [
        ("no_junior", not row["junior_code"]),
        ("register_short", limit and (not since or since > str(limit))),
        ("late_transfer", late and since and since > str(late)),
        ("not_attending", rule.get("attended", True) and row["attended"] != "1"),
        ("repeat", rule.get("no_repeat", True) and row["repeat"] == "1"),
        ("not_local", rule.get("local_only", False) and row["local"] != "1"),
        ("quality_grade", need and grade_below(grades, row["quality_grade"], need)),
        ("refused_flag", row["flags"] & {"quota_excluded", *rule.get("refuse_flags", [])}),
    ]
    return [name for name, holds in tests if holds]


def grade_below(grades, grade, need):
    """Below the grade needed, or none."""
    return grade not in grades or grades.index(grade) > grades.index(need)


def compute_eligibility(s):
    """eligible and refusals per candidate; nobody without a [quota] table."""
    rule = s.policy.get("quota")
    if rule is None:
        s.refusals = [[] for _ in s.candidates]
        s.eligible = [False] * len(s.candidates)
        return
    rule = rule.get("eligibility", {})
    s.refusals = [refusals(s, rule, row) for row in s.candidates]
    s.eligible = [not r for r in s.refusals]


# ---------------------------------------------------------------- R5, M5: quota cells

def ceil_div(a, b):
    """Ceiling of a quotient."""
    return -(-a // b)


def share_of(s, programme):
    """quota_share, or the policy's share for high-quality schools, else 0."""
    if programme.share is not None:
        return programme.share
    return setting(s.policy["quota"].get("share", 0)) if programme.high_quality else 0


def counts_by_junior(s):
    """(eligible, all) candidates per junior high."""
    eligible = dict.fromkeys(s.juniors, 0)
    everyone = dict.fromkeys(s.juniors, 0)
    for i, row in enumerate(s.candidates):
        if row["junior_code"]:
            everyone[row["junior_code"]] += 1
            eligible[row["junior_code"]] += s.eligible[i]
    return eligible, everyone


def junior_weights(s):
    """The weight of every junior high, and the number of its eligible candidates."""
    rule = s.policy["quota"]
    eligible, everyone = counts_by_junior(s)
    weights = {}
    for code, row in s.juniors.items():
        kind = rule.get("weight", "eligible")
        if kind == "eligible":
            weight = eligible[code]
        elif kind == "graduates":
            weight = int(row["graduates"]) if row["graduates"] else everyone[code]
        else:
            weight = int(row["intake"] or 0)
        factor = points_of(row["factor"] or "1") if rule.get("use_factor", False) else UNIT
        weights[code] = weight * factor
    return weights, eligible


def largest_remainder(seats, weights):
    """Hamilton; ties by order."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    result = [w * seats // total for w in weights]
    order = sorted(range(len(weights)), key=lambda j: (-(weights[j] * seats % total), j))
    for j in order[:seats - sum(result)]:
        result[j] += 1
    return result


def settled(seats, weights, low, high):
    """R5: (seats of the juniors raised to the minimum or held at the cap, the free juniors).

    There is one number n such that weight * n, raised and held, adds up to the seats; it lies
    between two of the bounds low / weight, high / weight.
    """
    busy = [j for j in range(len(weights)) if weights[j] > 0]
    if all(high[j] is not None for j in busy) and sum(high[j] for j in busy) <= seats:
        return {j: high[j] for j in busy}, []

    def held(n):
        return {j: min(max(Fraction(weights[j]) * n, low[j]),
                       high[j] if high[j] is not None else seats) for j in busy}
    bounds = sorted({Fraction(b, weights[j]) for j in busy
                     for b in (low[j], high[j] if high[j] is not None else seats)})
    first, last = 0, len(bounds) - 1
    while first < last:
        middle = (first + last) // 2
        if sum(held(bounds[middle]).values()) >= seats:
            last = middle
        else:
            first = middle + 1
    above = bounds[first] if bounds else Fraction(0)
    below = bounds[first - 1] if first else Fraction(0)
    between = (above + below) / 2
    fixed = {j: low[j] for j in busy if Fraction(weights[j]) * between <= low[j]}
    fixed.update({j: high[j] for j in busy if j not in fixed and high[j] is not None
                  and Fraction(weights[j]) * between >= high[j]})
    return fixed, [j for j in busy if j not in fixed]


def by_shares(seats, weights, low, high, method):
    """largest_remainder, half_up and floor with minimum and cap (R5)."""
    fixed, free = settled(seats, weights, low, high)
    left = seats - sum(fixed.values())
    part = [weights[j] for j in free]
    if method == "largest_remainder":
        got = largest_remainder(left, part)
    else:
        half, total = (1 if method == "half_up" else 0), sum(part)
        got = [(2 * w * left + half * total) // (2 * total) for w in part]
    result = [0] * len(weights)
    for j, n in list(fixed.items()) + list(zip(free, got)):
        result[j] = n
    return result


def highest_quotients(seats, weights, low, high, step):
    """Divisor methods: each next seat to the largest weight / (step * seats held + 1)."""
    result = [low[j] if w > 0 else 0 for j, w in enumerate(weights)]
    for _ in range(seats - sum(result)):
        best = None
        for j, w in enumerate(weights):
            if w <= 0 or (high[j] is not None and result[j] >= high[j]):
                continue
            if best is None or w * (step * result[best] + 1) > \
                    weights[best] * (step * result[j] + 1):
                best = j
        if best is None:
            break
        result[best] += 1
    return result


def apportion(method, seats, weights, low, high):
    """Seats per junior by the method of the policy."""
    if method in ("sainte_lague", "dhondt"):
        return highest_quotients(seats, weights, low, high, 2 if method == "sainte_lague" else 1)
    return by_shares(seats, weights, low, high, method)


def not_recomputed(rule):
    """Why the apportionment is not recomputed here, or None."""
    if rule.get("per", "programme") != "programme":
        return "per = %s" % rule["per"]
    for key in ("direct_divisor", "pool_below"):
        if rule.get(key):
            return key
    method = rule.get("method", "largest_remainder")
    if method not in ("largest_remainder", "sainte_lague", "dhondt", "half_up", "floor"):
        return "method = %s" % method
    return None


def overrides_of(s, programme):
    """Override rows of the input quota.csv for a programme: junior -> (seats, reason)."""
    return {r["junior_code"]: (int(r["seats"]), r["reason"]) for r in s.overrides
            if r["programme_code"] == programme.code}


def in_scope(programme, area):
    """Is an area in a programme's scope?"""
    return programme.scope is None or area in programme.scope


def expected_cells(s, programme, weights, eligible):
    """Cells of one programme: [(codes, seats, reason)]; None where the minima exceed the seats."""
    rule = s.policy["quota"]
    fixed = overrides_of(s, programme)
    seats = ceil_div(share_of(s, programme) * programme.base, UNIT)
    seats = max(0, seats - sum(n for n, _ in fixed.values()))
    juniors = [c for c in sorted(s.juniors)
               if in_scope(programme, s.juniors[c]["area_code"]) and c not in fixed]
    capped = rule.get("cap", "none") == "eligible"
    high = [eligible[c] if capped else None for c in juniors]
    low = [int(rule.get("minimum", 0)) if weights[c] > 0 else 0 for c in juniors]
    low = [n if h is None else min(n, h) for n, h in zip(low, high)]
    if seats == 0:
        low = [0] * len(juniors)
    if sum(low) > seats:
        return None
    got = apportion(rule.get("method", "largest_remainder"), seats,
                    [weights[c] for c in juniors], low, high)
    cells = [((c,), n, "") for c, n in zip(juniors, got)]
    cells += [((c,), n, reason) for c, (n, reason) in fixed.items()]
    return sorted(c for c in cells if c[1] > 0)


def check_floor(s):
    """No high-quality programme with a share below 60 % (M5)."""
    for programme in s.programmes.values():
        if programme.high_quality and share_of(s, programme) * 10 < 6 * UNIT:
            raise Fault("proof/input/programmes.csv: %s: share %s of a high-quality school is "
                        "below 0.6" % (programme.code, shortest(share_of(s, programme))))


def check_margins(s, programme, cells, weights, eligible):
    """Cells that are not recomputed: scope, overrides, caps, sum. Returns seats not placed."""
    where = "quota.csv: %s: " % programme.code
    fixed = overrides_of(s, programme)
    rule = s.policy["quota"]
    named = set()
    for codes, seats, reason in cells:
        own = [c for c in codes if c in fixed]
        if named & set(codes) or len(set(codes)) < len(codes):
            raise Fault(where + "a junior high stands in two cells: " + ";".join(codes))
        named |= set(codes)
        if own and (len(codes) > 1 or (seats, reason) != fixed[own[0]]):
            raise Fault(where + "%s: the override says %d seats" % (own[0], fixed[own[0]][0]))
        if own:
            continue
        if reason:
            raise Fault(where + ";".join(codes) + ": a reason without an override")
        for code in codes:
            if not in_scope(programme, s.juniors[code]["area_code"]):
                raise Fault(where + code + " is out of scope and has no override")
        if rule.get("cap", "none") == "eligible" and seats > sum(eligible[c] for c in codes):
            raise Fault(where + ";".join(codes) + ": more seats than eligible candidates")
    for code, (seats, _) in fixed.items():
        if seats and code not in named:
            raise Fault(where + "the override for %s is missing" % code)
    target = ceil_div(share_of(s, programme) * programme.base, UNIT)
    placed = sum(n for _, n, _ in cells)
    most = max(target, sum(n for n, _ in fixed.values()))
    loose = rule.get("method") in ("half_up", "floor", "integer_part_then_lots")
    full = set()  # junior highs that may take no more
    if rule.get("cap", "none") == "eligible":
        full = {c for c in s.juniors if rule.get("per") == "matrix" or not eligible[c]}
        full |= {c for codes, n, _ in cells for c in codes if n == sum(eligible[d] for d in codes)}
    reachable = any(weights[c] > 0 and in_scope(programme, s.juniors[c]["area_code"])
                    for c in s.juniors if c not in fixed and c not in full)
    if placed > most and not loose:
        raise Fault(where + "expected %d quota seats, found %d" % (most, placed))
    if placed < target and not loose and reachable:
        raise Fault(where + "expected %d quota seats, found %d" % (target, placed))
    return max(0, target - placed)


def read_cells(s, path):
    """quota.csv of the result: programme -> [(codes, seats, reason)]."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as handle:
        header, rows = parse_sheet(handle.read(), "quota.csv")
    if header != SHEETS["quota.csv"].split():
        raise Fault("quota.csv, row 1: unexpected columns")
    cells = {}
    for number, row in enumerate(rows, 2):
        if len(row) != 4 or row[0] not in s.programmes or not re.fullmatch("[1-9][0-9]*", row[2]):
            raise Fault("quota.csv, row %d: not a cell: %s" % (number, ",".join(row)))
        codes = tuple(row[1].split(";"))
        for code in codes:
            if code not in s.juniors:
                raise Fault("quota.csv, row %d, column junior_code: unknown %r" % (number, code))
        cells.setdefault(row[0], []).append((codes, int(row[2]), row[3]))
    return cells


def compute_quota(s, found):
    """Fill s.cells: programme -> [(codes, seats, reason)]; `found` is the folder's own quota.csv,
    used only where the policy's apportionment is not recomputed (margins are then checked)."""
    s.cells, s.quota_note = {code: [] for code in s.programmes}, "no quota table"
    if "quota" not in s.policy:
        return
    check_floor(s)
    weights, eligible = junior_weights(s)
    why = not_recomputed(s.policy["quota"])
    margins, unplaced = [], 0
    for code, programme in s.programmes.items():
        cells = None if why else expected_cells(s, programme, weights, eligible)
        if cells is None:
            cells = (found or {}).get(code, [])
            unplaced += check_margins(s, programme, cells, weights, eligible)
            margins.append(code)
        s.cells[code] = cells
    s.quota_note = "apportionment recomputed"
    if margins:
        s.quota_note = "margins checked, apportionment not recomputed (%s)" % (
            why or "minimum exceeds the seats of %s" % ", ".join(margins))
        if unplaced:
            s.quota_note += ", %d seats not placed" % unplaced


# ---------------------------------------------------------------- R6: placing
#
# An application is a tuple (key, candidate, position, open claim, cell or None, pool claim,
# total); smaller keys win. A choice function takes the seats on offer and the applications
# sorted by key, and gives [(application, seat)].

KEY, WHO, POSITION, OPEN, CELL, POOL, TOTAL = range(7)


def take(apps, claim, number, seat):
    """The best `number` of those with a claim: (chosen with seat, the others)."""
    chosen, others = [], []
    for app in apps:
        if app[claim] and len(chosen) < number:
            chosen.append((app, seat))
        else:
            others.append(app)
    return chosen, others


def fill_cells(apps, cells, room):
    """Every cell takes its best r; together never more than `room`."""
    left = dict(cells)
    chosen, others = [], []
    for app in apps:
        cell = app[CELL]
        if cell is not None and left[cell] > 0 and len(chosen) < room:
            left[cell] -= 1
            chosen.append((app, "quota"))
        else:
            others.append(app)
    return chosen, others


def quota_first(offer, apps):
    """M2, R6: cells, then the pool with county_pool, then open seats."""
    chosen, rest = fill_cells(apps, offer.cells, offer.q)
    if offer.pool:
        unused = min(offer.R, offer.q) - len(chosen)
        pool, rest = take(rest, POOL, unused, "pool")
        chosen += pool
    room = offer.q - (offer.R if offer.reversion == "none" else len(chosen))
    return chosen + take(rest, OPEN, room, "open")[0]


def open_first(offer, apps):
    """M2, R6: open seats, grown by the cells' empty seats until nothing is left to grow by."""
    extra = 0
    while True:
        best, rest = take(apps, OPEN, offer.q - offer.R + extra, "open")
        quota, _ = fill_cells(rest, offer.cells, offer.q - len(best))
        empty = offer.R - len(quota)
        if empty <= extra or offer.reversion == "none":
            return best + quota
        extra = empty


def event_rule(offer, apps):
    """M2, R6 with relative_gate: merit events at the total, quota events at total + d."""
    events = [(-a[TOTAL], 0, a[KEY], a) for a in apps if a[OPEN]]
    events += [(-a[TOTAL] - offer.gate, 1, a[KEY], a) for a in apps if a[CELL] is not None]
    seat, used, waiting = {}, dict.fromkeys(offer.cells, 0), {c: [] for c in offer.cells}
    for _, kind, _, app in sorted(events):
        if len(seat) >= offer.q:
            break
        cell = app[CELL]
        if kind == 1:
            if app in seat:
                continue
            if used[cell] < offer.cells[cell]:
                used[cell] += 1
                seat[app] = "quota"
            else:
                waiting[cell].append(app)
        elif app not in seat:
            seat[app] = "open"
            if offer.precedence == "quota_first" and cell is not None:
                used[cell] += 1
        elif offer.precedence == "open_first" and seat[app] == "quota":
            seat[app] = "open"
            heirs = [a for a in waiting[cell] if a not in seat]
            if heirs:
                seat[min(heirs)] = "quota"
            else:
                used[cell] -= 1
    return list(seat.items())


def choose(offer, apps):
    """A programme's choice from applications sorted by key."""
    if offer.kind == "pool":
        return take(apps, POOL, offer.q, "pool")[0]
    if offer.gate is not None:
        return event_rule(offer, apps)
    return (open_first if offer.precedence == "open_first" else quota_first)(offer, apps)


def make_offer(s, batch, programme, state, later):
    """What a programme offers in a batch (R6, Seats)."""
    left = {n: state.cells[programme.code][n] for n in range(len(s.cells[programme.code]))}
    cells = {n: r for n, r in left.items() if r > 0}
    total = sum(cells.values())
    q = programme.seats - state.admitted[programme.code]
    if batch.seats in ("quota", "pool"):
        q = min(q, total)
    elif batch.seats == "open" and programme.code in later:
        q = max(0, q - total)
    if batch.seats in ("open", "pool"):
        cells = {}
    pool = total > 0 and batch.seats == "integrated" and batch.reversion == "county_pool" \
        and batch.precedence == "quota_first" and batch.relative_gate is None
    return Record(code=programme.code, kind=batch.seats, q=q, cells=cells,
                  R=sum(cells.values()), gate=batch.relative_gate, pool=pool,
                  precedence=batch.precedence, reversion=batch.reversion)


def missed_gate(s, batch, i):
    """The gate of the batch that a candidate misses (detail of `below_gate`, R9.3), or None."""
    if not s.record[i]:
        return "exam_record"
    row = s.candidates[i]
    line = batch.control_line_by_area.get(row["area_code"], batch.control_line)
    if line is not None and s.total[i] < line:
        return "control_line:" + shortest(line)
    grades = s.policy.get("quality_grades", [])
    if batch.quality and grade_below(grades, row["quality_grade"], batch.quality):
        return "quality_grade:" + batch.quality
    for code, points in batch.subject_gates:
        if s.points[i][code] < points:
            return "subject:%s:%s" % (code, shortest(points))
    return None


def claims(s, batch, offer, programme, i):
    """(open claim, cell or None, pool claim) of a candidate past the gates of the batch (R6)."""
    row, total = s.candidates[i], s.total[i]
    scope = in_scope(programme, row["area_code"])
    is_open = batch.seats in ("integrated", "open") and scope and \
        (programme.gate_open is None or total >= programme.gate_open)
    if not s.eligible[i] or batch.seats == "open" or \
            (programme.gate_quota is not None and total < programme.gate_quota):
        return is_open, None, False
    if batch.seats == "pool":
        return is_open, None, scope
    if not scope and (programme.code, row["junior_code"]) not in s.override_pairs:
        return is_open, None, False
    cell = s.cell_of.get((programme.code, row["junior_code"]))
    return is_open, cell if cell in offer.cells else None, offer.pool and scope


def key_maker(s, batch):
    """The key of an application, as one int in the order of the components (R6)."""
    ranks = len(s.candidates) + 1
    places = 1 + max([p for entries in s.lists[batch.code].values() for p, _ in entries],
                     default=0)

    def key(i, position):
        if batch.kind == "parallel":
            return s.rank[i]
        return major(s, batch, i, position, places) * ranks + s.rank[i]
    return key


def major(s, batch, i, position, places):
    """The components of a key before the rank, as one int."""
    if batch.kind == "band":
        return band_of(s, batch, i) * places + position
    if batch.kind == "choice_bands":
        return ceil_div(position, batch.choices)
    if batch.kind == "sequential":
        return position
    raise Fault("season.toml: unknown placing %r" % batch.kind)


def band_of(s, batch, i):
    """Score band: floor((from - total) / points), at least 0."""
    return max(0, (batch.start - s.total[i]) // batch.points)


def deferred_acceptance(offers, lists, choose=choose):
    """Candidates propose; lists[i] = [(programme, application)]. Gives {programme: choice}.

    Choosing among holders and newcomers is the same as among all that ever proposed, because
    the choice functions are substitutable (M4; tested in test_verify.py).
    """
    held = {code: [] for code in offers}
    at = dict.fromkeys(lists, 0)
    free = list(lists)
    while free:
        new = {}
        for i in free:
            if at[i] < len(lists[i]):
                code, app = lists[i][at[i]]
                new.setdefault(code, []).append(app)
        free = []
        for code, apps in new.items():
            everyone = sorted([a for a, _ in held[code]] + apps)
            held[code] = choose(offers[code], everyone)
            kept = {a[WHO] for a, _ in held[code]}
            free += [a[WHO] for a in everyone if a[WHO] not in kept]
        for i in free:
            at[i] += 1
    return held


def run_batch(s, batch, state, later):
    """One batch: offers, lists of applications, matching."""
    offers = {p.code: make_offer(s, batch, p, state, later) for p in offered_in(s, batch)}
    key = key_maker(s, batch)
    lists, by_choice = {}, {}
    for i, entries in s.lists[batch.code].items():
        if s.result[i] is not None or missed_gate(s, batch, i):
            continue
        mine = []
        for position, code in entries:
            claim = claims(s, batch, offers[code], s.programmes[code], i)
            if claim[0] or claim[1] is not None or claim[2]:
                mine.append((code, (key(i, position), i, position) + claim + (s.total[i],)))
        lists[i] = mine
    held = deferred_acceptance(offers, lists)
    for code, choice in held.items():
        if len(choice) > offers[code].q:
            raise Fault("internal: %s holds more than its seats" % code)
        by_choice[code] = groups_of(choice)
        for app, seat in choice:
            s.result[app[WHO]] = (batch.code, code, seat, app[POSITION])
            state.admitted[code] += 1
            if seat == "quota":
                state.cells[code][app[CELL]] -= 1
    if batch.seats == "pool" or (batch.seats == "integrated" and batch.reversion != "none"):
        for code in offers:  # R6: what reverted is no quota seat any more
            state.cells[code] = [0] * len(state.cells[code])
    s.runs.append(Record(batch=batch, offers=offers, groups=by_choice))


def groups_of(choice):
    """(seat, cell) -> (number of holders, the last one)."""
    groups = {}
    for app, seat in choice:
        name = (seat, app[CELL] if seat == "quota" else None)
        number, last = groups.get(name, (0, app))
        groups[name] = (number + 1, max(last, app))
    return groups


def place(s):
    """All batches in order (R6)."""
    s.override_pairs = {(r["programme_code"], r["junior_code"]) for r in s.overrides}
    s.cell_of = {(code, junior): n for code, cells in s.cells.items()
                 for n, (codes, _, _) in enumerate(cells) for junior in codes}
    s.result = [None] * len(s.candidates)
    s.runs = []
    state = Record(admitted=dict.fromkeys(s.programmes, 0),
                   cells={code: [n for _, n, _ in cells] for code, cells in s.cells.items()})
    for number, batch in enumerate(s.batches):
        later = {p.code for b in s.batches[number + 1:] if b.seats != "open"
                 for p in offered_in(s, b)}
        run_batch(s, batch, state, later)


# ---------------------------------------------------------------- R7 to R10: the sheets

def text(value):
    """A rank or a place that may be missing."""
    return "" if value is None else str(value)


def totals_sheet(s):
    """proof/totals.csv (R2)."""
    rows = [[c["exam_no"], shortest(s.plain[i]), shortest(s.bonus[i]), shortest(s.total[i]),
             str(int(s.record[i])), str(s.lots[i]), text(s.rank[i])]
            for i, c in enumerate(s.candidates)]
    return "exam_no total_without_bonus bonus total record lot rank".split(), rows


def eligibility_sheet(s):
    """proof/eligibility.csv (R4)."""
    rows = [[c["exam_no"], str(int(s.eligible[i])), ";".join(s.refusals[i])]
            for i, c in enumerate(s.candidates)]
    return "exam_no eligible refusals".split(), rows


def quota_sheet(s):
    """quota.csv (R5)."""
    rows = [[code, ";".join(codes), str(seats), reason]
            for code, cells in s.cells.items() for codes, seats, reason in cells]
    return SHEETS["quota.csv"].split(), rows


def results_sheet(s):
    """results.csv (R7)."""
    rows = []
    for i, c in enumerate(s.candidates):
        batch, code, seat, position = s.result[i] or ("", "", "", "")
        total = shortest(s.total[i]) if s.record[i] else ""
        rows.append([c["exam_no"], batch, code, seat, str(position), total])
    return "exam_no batch programme_code seat position total".split(), rows


def category_seats(offer, groups, seat, cell=None):
    """How many seats a category has (column `seats` of cutoffs.csv, R8)."""
    def taken(word):
        return sum(n for (kind, _), (n, _) in groups.items() if kind == word)
    if seat == "quota":
        return offer.cells[cell]
    if seat == "pool":
        return offer.q if offer.kind == "pool" else min(offer.R, offer.q) - taken("quota")
    if offer.reversion == "none" and offer.kind == "integrated" and offer.gate is None:
        return max(0, offer.q - offer.R)
    return offer.q - taken("quota") - taken("pool")


def tie_chain(s, batch, app):
    """The key of the last holder in words (R8)."""
    parts = [] if batch.kind == "parallel" else ["choice=%d" % app[POSITION]]
    parts += ["%s=%s" % (name, texts[app[WHO]]) for name, _, _, texts in s.chain[1:]]
    return ";".join(parts)


def cutoff_row(s, run, offer, seat, cell=None):
    """One row of cutoffs.csv."""
    groups = run.groups[offer.code]
    seats = category_seats(offer, groups, seat, cell)
    taken, last = groups.get((seat, cell), (0, None))
    total = chain = ""
    if taken and taken == seats:
        total, chain = shortest(last[TOTAL]), tie_chain(s, run.batch, last)
    junior = ";".join(s.cells[offer.code][cell][0]) if seat == "quota" else ""
    return [offer.code, run.batch.code, seat, junior, total, chain, str(taken), str(seats)]


def cutoffs_sheet(s):
    """cutoffs.csv (R8)."""
    rows = []
    for run in s.runs:
        for offer in run.offers.values():
            if offer.q <= 0:
                continue
            if offer.kind in ("integrated", "open"):
                rows.append(cutoff_row(s, run, offer, "open"))
            if offer.kind == "pool" or offer.pool:
                rows.append(cutoff_row(s, run, offer, "pool"))
            rows += [cutoff_row(s, run, offer, "quota", cell) for cell in sorted(offer.cells)]
    return "programme_code batch seat junior_code total tie_chain taken seats".split(), rows


def key_parts(s, batch, i, position):
    """Components of a key before the rank: (name, value)."""
    if batch.kind == "band":
        return [("band", band_of(s, batch, i)), ("choice", position)]
    if batch.kind == "sequential":
        return [("choice", position)]
    if batch.kind == "choice_bands":
        return [("choice", ceil_div(position, batch.choices))]
    return []


def behind(s, batch, i, position, last):
    """`component:difference` of the first component in which i is behind the last holder (R9.5)."""
    pairs = zip(key_parts(s, batch, i, position), key_parts(s, batch, last[WHO], last[POSITION]))
    for (name, mine), (_, other) in pairs:
        if mine > other:
            return "%s:%d" % (name, mine - other)
    for (name, unit, _, _), mine, other in zip(s.chain, s.order[i], s.order[last[WHO]]):
        if mine > other:
            if unit == "lot":
                return "lot"
            gap = mine - other
            return "%s:%s" % (name, shortest(gap) if unit == "points" else gap)
    raise Fault("internal: %s is not behind the last holder" % s.candidates[i]["exam_no"])


def below_cutoff(s, run, offer, i, position, claim):
    """Detail of `below_cutoff`: quota, pool, open (R9.5)."""
    is_open, cell, pool = claim
    groups = run.groups[offer.code]
    details = []
    for seat, holds, part in (("quota", cell is not None, cell), ("pool", pool, None),
                              ("open", is_open, None)):
        if holds:
            number, last = groups.get((seat, part), (0, None))
            gap = behind(s, run.batch, i, position, last) if number else "none"
            details.append(seat + ":" + gap)
    return " ".join(details)


def no_claim(s, run, offer, programme, i):
    """Reason and detail of a candidate in scope who has no claim (R9.6)."""
    kind = run.batch.seats
    if kind in ("integrated", "open") and programme.gate_open is not None \
            and in_scope(programme, s.candidates[i]["area_code"]) \
            and s.total[i] < programme.gate_open:
        return "below_gate", "gate_open:" + shortest(programme.gate_open)
    if not s.eligible[i]:
        return "not_eligible_for_quota", ";".join(s.refusals[i])
    row = s.candidates[i]
    cell = s.cell_of.get((programme.code, row["junior_code"]))
    if kind == "pool":
        has_seat = in_scope(programme, row["area_code"])
    else:
        has_seat = cell in offer.cells or \
            (offer.pool and in_scope(programme, row["area_code"]))
    if not has_seat or programme.gate_quota is None or s.total[i] >= programme.gate_quota:
        return "not_eligible_for_quota", "no_quota_seat"
    return "below_gate", "gate_quota:" + shortest(programme.gate_quota)


def reason(s, run, i, missed, position, code):
    """The first reason that holds (R9); `above` (R9.1) is done by the caller."""
    if missed:
        return "below_gate", missed
    programme, offer, row = s.programmes[code], run.offers[code], s.candidates[i]
    if not in_scope(programme, row["area_code"]) and \
            (run.batch.seats in ("open", "pool")
             or (code, row["junior_code"]) not in s.override_pairs):
        return "out_of_scope", ""
    claim = claims(s, run.batch, offer, programme, i)
    if claim[0] or claim[1] is not None or claim[2]:
        return "below_cutoff", below_cutoff(s, run, offer, i, position, claim)
    return no_claim(s, run, offer, programme, i)


def reasons_of(s, i):
    """Rows of reasons.csv of one candidate."""
    rows, above = [], ""
    result = s.result[i]
    for run in s.runs:
        entries = s.lists[run.batch.code].get(i, [])
        missed = missed_gate(s, run.batch, i) if entries else None
        for position, code in entries:
            if above:
                why = ("already_admitted_above", above)
            elif result and result[0] == run.batch.code and result[3] == position:
                why = ("admitted", result[2])
                above = "%s/%d" % (result[0], position)
            else:
                why = reason(s, run, i, missed, position, code)
            rows.append([s.candidates[i]["exam_no"], run.batch.code, str(position), code, *why])
    return rows


def reasons_sheet(s):
    """reasons.csv (R9)."""
    rows = []
    for i in range(len(s.candidates)):
        rows += reasons_of(s, i)
    return "exam_no batch position programme_code reason detail".split(), rows


def segments_sheet(s):
    """segments.csv (R10)."""
    counts = {}
    for i, row in enumerate(s.candidates):
        if s.record[i]:
            area = counts.setdefault(row["area_code"], {})
            whole = s.total[i] // UNIT
            area[whole] = area.get(whole, 0) + 1
    rows = []
    for code in sorted(counts):
        area, running = counts[code], 0
        for score in range(max(area), min(area) - 1, -1):
            running += area.get(score, 0)
            rows.append([code, str(score), str(area.get(score, 0)), str(running)])
    return "area_code score count cumulative".split(), rows


def compute(folder, found_cells_path=None):
    """Everything from an input folder; found_cells_path: quota.csv used where not recomputed."""
    s = load(folder)
    compute_lots(s)
    compute_totals(s)
    compute_ranks(s)
    compute_eligibility(s)
    found = read_cells(s, found_cells_path) if found_cells_path else None
    if found_cells_path and found is None and "quota" in s.policy:
        raise Fault("quota.csv: missing")
    compute_quota(s, found)
    place(s)
    return s


OUTPUTS = {
    "proof/totals.csv": totals_sheet, "proof/eligibility.csv": eligibility_sheet,
    "quota.csv": quota_sheet, "results.csv": results_sheet, "cutoffs.csv": cutoffs_sheet,
    "reasons.csv": reasons_sheet, "segments.csv": segments_sheet,
}


# ---------------------------------------------------------------- R11 and comparing

def manifest_values(s):
    """The recomputable members of proof/manifest.json (R11)."""
    return {"format": "proof/1", "program": "zhaosheng", "candidates": len(s.candidates),
            "admitted": sum(r is not None for r in s.result),
            "list_hash": s.list_hash.hex(), "seed": s.seed.hex(), "round": s.round}


def read_manifest(folder):
    """proof/manifest.json; a name given twice is refused."""
    def unique(pairs):
        if len({k for k, _ in pairs}) < len(pairs):
            raise Fault("proof/manifest.json: a member stands twice")
        return dict(pairs)
    path = os.path.join(folder, "proof", "manifest.json")
    if not os.path.isfile(path):
        raise Fault("proof/manifest.json: missing")
    try:
        with open(path, encoding="utf-8") as handle:
            manifest = json.load(handle, object_pairs_hook=unique)
    except ValueError as error:
        raise Fault("proof/manifest.json: not readable: %s" % error)
    if not isinstance(manifest, dict):
        raise Fault("proof/manifest.json: not an object")
    return manifest


def files_of(folder):
    """All files of the folder by path with `/`."""
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            found.append(os.path.relpath(os.path.join(root, name), folder).replace(os.sep, "/"))
    return sorted(found)


def check_hashes(folder, manifest, under=""):
    """Every file but the manifest, by SHA-256; none missing, none more."""
    names = [n for n in files_of(folder) if n != "proof/manifest.json"]
    listed = manifest.get("files")
    if not isinstance(listed, dict):
        raise Fault("proof/manifest.json: files: missing")
    for name in sorted(n for n in set(names) | set(listed) if n.startswith(under)):
        if name not in listed:
            raise Fault("proof/manifest.json: files: %s is not listed" % name)
        if name not in names:
            raise Fault("%s: missing, but listed in proof/manifest.json" % name)
        with open(os.path.join(folder, name), "rb") as handle:
            digest = hashlib.sha256(handle.read()).hexdigest()
        if digest != listed[name]:
            raise Fault("%s: SHA-256 expected %s, found %s" % (name, listed[name], digest))
    return len(names)


def check_manifest(s, manifest):
    """Compare the members of the manifest."""
    values = manifest_values(s)
    for name, value in values.items():
        found = manifest.get(name)
        if found != value or type(found) is not type(value):
            raise Fault("proof/manifest.json: %s: expected %r, found %r" % (name, value, found))
    if not re.fullmatch(r"\d+\.\d+\.\d+\S*", str(manifest.get("version"))):
        raise Fault("proof/manifest.json: version: found %r" % manifest.get("version"))
    for name in manifest:
        if name not in values and name not in ("version", "files"):
            raise Fault("proof/manifest.json: unexpected member %s" % name)


def compare(folder, name, header, rows):
    """Compare one file with what it must be; name the first difference."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise Fault("%s: missing" % name)
    with open(path, "rb") as handle:
        data = handle.read()
    if data == sheet_text(header, rows).encode():
        return
    found_header, found = parse_sheet(data, name)
    compare_row(name, 1, header, header, found_header)
    for number in range(max(len(rows), len(found))):
        if number >= len(rows):
            raise Fault("%s, row %d: expected the end, found %s"
                        % (name, number + 2, ",".join(found[number])))
        if number >= len(found):
            raise Fault("%s, row %d: expected %s, found the end"
                        % (name, number + 2, ",".join(rows[number])))
        compare_row(name, number + 2, header, rows[number], found[number])
    raise Fault("%s: the fields are right, but not the writing (quotes, line ends, BOM)" % name)


def compare_row(name, number, header, expected, found):
    """Compare one row field by field."""
    for column, (a, b) in enumerate(zip(expected, found)):
        if a != b:
            raise Fault("%s, row %d (%s), column %s: expected %r, found %r"
                        % (name, number, expected[0], header[column], a, b))
    if len(expected) != len(found):
        raise Fault("%s, row %d: expected %d fields, found %d"
                    % (name, number, len(expected), len(found)))


def verify(folder):
    """Check a whole result folder; gives the lines to print, raises Fault or NoFolder.

    The hashes of the input come first, then the sheets field by field, then all hashes.
    """
    inputs = os.path.join(folder, "proof", "input")
    if not os.path.isdir(inputs) and not os.path.isfile(
            os.path.join(folder, "proof", "manifest.json")):
        raise NoFolder("%s: no result folder (no proof/input, no proof/manifest.json)" % folder)
    manifest = read_manifest(folder)
    check_hashes(folder, manifest, "proof/input/")
    if not os.path.isfile(os.path.join(inputs, "season.toml")):
        raise Fault("proof/input/season.toml: missing")
    try:
        s = compute(inputs, os.path.join(folder, "quota.csv"))
    except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
        raise Fault("proof/input: not usable: %s: %s" % (type(error).__name__, error))
    rows_checked = {}
    for name, make in OUTPUTS.items():
        header, rows = make(s)
        if name == "quota.csv" and not rows and not os.path.exists(os.path.join(folder, name)):
            continue
        compare(folder, name, header, rows)
        rows_checked[name] = len(rows)
    check_manifest(s, manifest)
    return report(s, check_hashes(folder, manifest), rows_checked)


def report(s, count, rows_checked):
    """The short list of what was checked."""
    admitted = sum(r is not None for r in s.result)
    return [
        "verified: %d candidates, %d programmes, %d batches, %d admitted"
        % (len(s.candidates), len(s.programmes), len(s.batches), admitted),
        "list hash %s" % s.list_hash.hex(),
        "seed %s, round %d, %d lots" % (s.seed.hex(), s.round, len(s.lots)),
        "quota: " + s.quota_note,
        "rows: " + ", ".join("%s %d" % item for item in rows_checked.items()),
        "files: %d SHA-256; proof/quota_proof.* by SHA-256 only" % count,
    ]


# ---------------------------------------------------------------- leaves (RFC 9162 section 2.1)

HASH = re.compile("[0-9a-fA-F]{64}")


def hash_of(value, name):
    """32 bytes from their hexadecimal digits."""
    if not isinstance(value, str) or not HASH.fullmatch(value):
        raise NoFolder("%s: must be 64 hexadecimal digits" % name)
    return bytes.fromhex(value)


def sha256(*parts):
    """SHA-256 of the parts one after the other."""
    return hashlib.sha256(b"".join(parts)).digest()


def split(count):
    """The largest power of two below a count of at least 2: how many leaves stand on the left."""
    return 1 << ((count - 1).bit_length() - 1)


def tree_root(leaves):
    """Merkle tree hash of leaf hashes, by the definition (2.1.1)."""
    if len(leaves) == 1:
        return leaves[0]
    left = split(len(leaves))
    return sha256(b"\1", tree_root(leaves[:left]), tree_root(leaves[left:]))


def root_by_path(leaf, place, count, path):
    """The root that a path of hashes leads to (2.1.3.1, from the top down), None where its length is wrong."""
    if not 0 <= place < count:
        return None
    on_left = []  # from the root down: whether our part is the left one
    while count > 1:
        left = split(count)
        on_left.append(place < left)
        place, count = (place, left) if place < left else (place - left, count - left)
    if len(on_left) != len(path):
        return None
    for other, ours_left in zip(path, reversed(on_left)):
        leaf = sha256(b"\1", leaf, other) if ours_left else sha256(b"\1", other, leaf)
    return leaf


def whole_number(proof, name):
    """A number of a leaf file."""
    value = proof.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2 ** 64:
        raise NoFolder("%s: must be a whole number, 0 or more" % name)
    return value


def verify_leaf(data, leaves_root, root=None, candidates=None):
    """Check a candidate's own line; gives the lines to print, raises Fault or NoFolder."""
    try:
        proof = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NoFolder("no JSON: %s" % error)
    if isinstance(proof, dict) and "proof" in proof:
        proof = proof["proof"]
    if not isinstance(proof, dict) or proof.get("format") != "leaf/1":
        raise NoFolder("format: must be leaf/1")
    leaf, path = proof.get("leaf"), proof.get("path")
    if not isinstance(leaf, str) or not isinstance(path, list):
        raise NoFolder("leaf: must be a text, path: a list")
    place, count = whole_number(proof, "place"), whole_number(proof, "count")
    salt = hash_of(proof.get("salt"), "salt")
    path = [hash_of(value, "path[%d]" % at) for at, value in enumerate(path)]
    published = hash_of(leaves_root, "--leaves-root")
    if hash_of(proof.get("leaves_root"), "leaves_root") != published:
        raise Fault("the file is of another leaves root: %s" % proof["leaves_root"])
    told = hash_of(proof.get("root"), "root")
    if root is not None and told != hash_of(root, "--root"):
        raise Fault("the file is of another result root: %s" % proof["root"])
    if candidates is not None and count != candidates:
        raise Fault("the file says %d candidates, published were %d" % (count, candidates))
    try:
        line = leaf.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoFolder("leaf: %s" % error)
    if root_by_path(sha256(b"\0", salt, line), place, count, path) != published:
        raise Fault("this line is not in the published result")
    return leaf.splitlines() + ["verified: this line is under leaves root " + published.hex()]


LEAF_SHEETS = ["results.csv", "proof/totals.csv", "proof/eligibility.csv", "reasons.csv"]


def verify_leaves(folder, salts, leaves_root):
    """Check that the published root of all lines is that of a (verified) folder's rows."""
    rows_of = {}
    for name in LEAF_SHEETS:
        with open(os.path.join(folder, name), "rb") as handle:
            for row in parse_sheet(handle.read(), name)[1]:
                rows_of.setdefault(row[0], {}).setdefault(name, []).append(line_of(row))
    with open(salts, "rb") as handle:
        header, rows = parse_sheet(handle.read(), salts)
    if header != ["exam_no", "salt"] or [row[0] for row in rows] != sorted(rows_of, key=str.encode):
        raise Fault("%s: not one salt for each candidate in order" % salts)
    leaves = []
    for exam_no, salt in rows:
        line = "".join("\n".join([name] + rows_of[exam_no].get(name, [])) + "\n" for name in LEAF_SHEETS)
        leaves.append(sha256(b"\0", hash_of(salt, "salt of " + exam_no), line.encode()))
    if tree_root(leaves) != hash_of(leaves_root, "--leaves-root"):
        raise Fault("the lines of this folder have the root %s" % tree_root(leaves).hex())
    return ["leaves: %d lines are under the published root" % len(leaves)]


def answer(work):
    """Print the lines of `work` and tell the exit code: 0, 1 when it is refused, 2 when nothing can be read."""
    gc.disable()  # millions of small tuples and no cycles: collecting only costs time
    try:
        lines = work()
    except (NoFolder, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except Fault as error:
        print("refused: %s" % error, file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


def main(arguments):
    """Command line."""
    parser = argparse.ArgumentParser(description="Recompute a zhaosheng result, or check one line of it.")
    parser.add_argument("dir", nargs="?")
    parser.add_argument("--salts")
    parser.add_argument("--leaf")
    parser.add_argument("--leaves-root")
    parser.add_argument("--root")
    parser.add_argument("--candidates", type=int)
    given = parser.parse_args(arguments)
    one_line = given.leaf is not None
    with_leaves = one_line or given.salts is not None
    if (given.dir is None) != one_line or with_leaves != (given.leaves_root is not None) or (
            given.salts is not None and one_line) or (
            not one_line and (given.root is not None or given.candidates is not None)):
        parser.print_usage(sys.stderr)
        return 2

    def work():
        if one_line:
            with open(given.leaf, "rb") as handle:
                data = handle.read()
            return verify_leaf(data, given.leaves_root, given.root, given.candidates)
        lines = verify(given.dir)
        if with_leaves:
            lines += verify_leaves(given.dir, given.salts, given.leaves_root)
        return lines

    return answer(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
