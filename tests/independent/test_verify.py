#!/usr/bin/env python3
"""Tests of verify.py: `python3 -m unittest tests/independent/test_verify.py` (or run it).

Random seasons are built and verified; forged fields must be refused; the placing is checked
against enumeration of all stable matchings on tiny markets.
"""
import contextlib
import hashlib
import io
import itertools
import json
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import random_season  # noqa: E402
import reference_season  # noqa: E402
import verify  # noqa: E402
from verify import KEY, OPEN, WHO, Record  # noqa: E402


def read(path):
    """Bytes of a file."""
    with open(path, "rb") as handle:
        return handle.read()


# ---------------------------------------------------------------- whole folders and forgeries

class Folder:
    """A result folder in a temporary place."""

    def __init__(self, seed, **size):
        self.temporary = tempfile.TemporaryDirectory()
        source = os.path.join(self.temporary.name, "season")
        self.path = os.path.join(self.temporary.name, "result")
        random_season.make(source, seed, **size)
        self.season = reference_season.build(source, self.path)

    def file(self, name):
        """Full path of a file of the folder."""
        return os.path.join(self.path, name)

    def refused(self):
        """The words of the refusal, or None."""
        try:
            verify.verify(self.path)
        except verify.Fault as fault:
            return str(fault)
        return None

    def repair(self):
        """Put the true hashes of the (forged) files into the manifest."""
        manifest = json.loads(read(self.file("proof/manifest.json")))
        for name in list(manifest["files"]):
            if not os.path.exists(self.file(name)):
                del manifest["files"][name]
        for name in verify.files_of(self.path):
            if name != "proof/manifest.json":
                manifest["files"][name] = hashlib.sha256(read(self.file(name))).hexdigest()
        reference_season.write(self.file("proof/manifest.json"), json.dumps(manifest))

    @contextlib.contextmanager
    def forged(self, name, data, repair):
        """The folder with other bytes in one file (None: without it), afterwards as before."""
        path, manifest = self.file(name), self.file("proof/manifest.json")
        kept = read(path) if os.path.exists(path) else None
        kept_manifest = read(manifest)
        if data is None:
            os.remove(path)
        else:
            reference_season.write(path, data)
        if repair:
            self.repair()
        yield
        if kept is None:
            os.remove(path)
        else:
            reference_season.write(path, kept)
        if name != "proof/manifest.json":
            reference_season.write(manifest, kept_manifest)

    def close(self):
        """Remove it."""
        self.temporary.cleanup()


def other(value, rng):
    """Another value like this one."""
    if value == "":
        return rng.choice(["1", "x"])
    if value in ("quota", "pool", "open"):
        return rng.choice([w for w in ("quota", "pool", "open") if w != value])
    if value.replace(".", "", 1).isdigit():
        whole, dot, part = value.partition(".")
        return rng.choice([str(int(whole) + 1), "", value + "0" if dot else value + ".0"]) + (
            dot + part if rng.random() < 0.3 else "")
    return rng.choice([value + "x", "", value[:-1]])


def forge_cell(data, column, rng):
    """The file with one cell of a column changed; None where it has no rows."""
    header, rows = verify.parse_sheet(data, "")
    if not rows:
        return None
    row = rng.choice(rows)
    old = row[column]
    while row[column] == old:
        row[column] = other(old, rng)
    return verify.sheet_text(header, rows).encode()


def forge_shape(data):
    """Whole-file forgeries: rows gone, twice, swapped, more; another writing."""
    lines = data.split(b"\n")
    yield b"\n".join(lines[:-2] + lines[-1:])
    yield b"\n".join(lines[:-1] + lines[-2:])
    if len(lines) > 3:
        yield b"\n".join([lines[0], lines[2], lines[1]] + lines[3:])
    yield data.replace(b"\n", b"\r\n")
    yield b"\xef\xbb\xbf" + data
    yield data[:-1]
    yield data + b"\n"
    yield b"x" + data
    yield data.replace(b",", b',"",', 1)
    yield b""


class Folders(unittest.TestCase):
    """Result folders as a whole."""

    def test_clean(self):
        """Seasons of all styles are built, and verified clean; all kinds of seat occur."""
        seats, notes = set(), set()
        for seed in range(70):
            folder = Folder(1000 + seed)
            self.assertIsNone(folder.refused(), seed)
            seats |= {r[2] for r in folder.season.result if r}
            notes.add(folder.season.quota_note.partition(" (")[0])
            folder.close()
        self.assertEqual(seats, {"quota", "pool", "open"})
        self.assertEqual(len({n for n in notes if "not placed" not in n}), 3, notes)

    def test_order_of_input_rows(self):
        """The rows of the input in another order give the same output."""
        rng = random.Random(5)
        for seed in range(7):
            folder = Folder(seed)
            for name in verify.files_of(folder.file("proof/input")):
                if name.endswith(".csv"):
                    path = folder.file("proof/input/" + name)
                    header, rows = verify.parse_sheet(read(path), name)
                    rng.shuffle(rows)
                    reference_season.write(path, verify.sheet_text(header, rows))
            folder.repair()
            self.assertIsNone(folder.refused(), seed)
            folder.close()

    def test_exit_codes(self):
        """0, 1 and 2."""
        folder = Folder(3)
        with contextlib.redirect_stdout(io.StringIO()) as out, \
                contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(verify.main([folder.path]), 0)
            self.assertEqual(verify.main([folder.temporary.name]), 2)
            self.assertEqual(verify.main([folder.path + "/nothing"]), 2)
            self.assertEqual(verify.main([]), 2)
            os.remove(folder.file("results.csv"))
            self.assertEqual(verify.main([folder.path]), 1)
        self.assertTrue(out.getvalue().startswith("verified: 60 candidates, 5 programmes"))
        self.assertIn("results.csv: missing", err.getvalue())
        folder.close()


class Forgeries(unittest.TestCase):
    """Every forgery is refused."""

    count = 0

    @classmethod
    def setUpClass(cls):
        cls.folders = [Folder(seed, candidates=30) for seed in (1000, 1001, 1002, 1003, 1004, 1006)]

    @classmethod
    def tearDownClass(cls):
        for folder in cls.folders:
            folder.close()

    def refuse(self, folder, name, data, repair, words=""):
        """Assert that one forgery is refused, and that the refusal names the file."""
        if data is None or data == read(folder.file(name)):
            return
        with folder.forged(name, data, repair):
            fault = folder.refused()
        self.assertIsNotNone(fault, (name, repair, words))
        self.assertNotIn("internal", fault)
        if words:
            self.assertIn(words, fault)
        type(self).count += 1

    def test_every_output_field(self):
        """Every column of every output file, with the hash left and with it repaired."""
        rng = random.Random(1)
        before = self.count
        for folder in self.folders:
            for name in verify.OUTPUTS:
                data = read(folder.file(name))
                for column, _ in enumerate(verify.parse_sheet(data, name)[0]):
                    for repair in (False, True, True):
                        words = "quota.csv" if name == "quota.csv" else name
                        self.refuse(folder, name, forge_cell(data, column, rng), repair, words)
        self.assertGreater(self.count - before, 300)

    def test_every_input_field(self):
        """Every column of every input file, with the hash left as it was."""
        rng = random.Random(2)
        for folder in self.folders:
            for name in verify.files_of(folder.file("proof/input")):
                name = "proof/input/" + name
                data = read(folder.file(name))
                if name.endswith(".toml"):
                    self.refuse(folder, name, data + b"\n", False, name)
                    continue
                for column, _ in enumerate(verify.parse_sheet(data, name)[0]):
                    self.refuse(folder, name, forge_cell(data, column, rng), False, name)

    def test_input_with_repaired_hash(self):
        """Input fields that decide something are refused though their hash was repaired."""
        rng = random.Random(3)
        for folder in self.folders:
            for name, column in (("candidates.csv", 0), ("scores.csv", 0), ("scores.csv", 1),
                                 ("preferences.csv", 0), ("preferences.csv", 1),
                                 ("preferences.csv", 2), ("preferences.csv", 3)):
                path = "proof/input/" + name
                for _ in range(3):
                    data = forge_cell(read(folder.file(path)), column, rng)
                    if name == "scores.csv" and column == 1:
                        data = self.other_mark(read(folder.file(path)), rng)
                    self.refuse(folder, path, data, True)
            policy = read(folder.file("proof/input/season.toml"))
            for old, new in ((b'"balls ', b'"bells '), (b"round = ", b"round = 1"),
                             (b'full = 40\nweight = "1.5"', b'full = 40\nweight = "1.4"'),
                             (b'code = "1"\nseats', b'code = "9"\nseats'),
                             (b"A = 40,", b"A = 41,"), ("抽签".encode(), "抽籤".encode())):
                self.assertIn(old, policy)
                self.refuse(folder, "proof/input/season.toml", policy.replace(old, new), True)

    @staticmethod
    def other_mark(data, rng):
        """One whole point more for somebody with a mark."""
        header, rows = verify.parse_sheet(data, "")
        row = rng.choice([r for r in rows if r[1].isdigit()])
        row[1] = str(int(row[1]) + 1)
        return verify.sheet_text(header, rows).encode()

    def test_shape(self):
        """Rows gone, doubled, swapped; another writing; files gone or added."""
        for folder in self.folders:
            for name in verify.OUTPUTS:
                data = read(folder.file(name))
                for forged in forge_shape(data):
                    self.refuse(folder, name, forged, True)
                if name != "quota.csv" or folder.season.quota_note != "no quota table":
                    with folder.forged(name, None, True):
                        self.assertIn("missing", folder.refused() or "", name)
            with folder.forged("extra.txt", b"x", False):
                self.assertIn("not listed", folder.refused())

    def test_manifest(self):
        """Every member of the manifest."""
        for folder in self.folders[:3]:
            manifest = json.loads(read(folder.file("proof/manifest.json")))
            for member in manifest:
                for value in (None, "x", 7, dict(manifest["files"], more="x")):
                    forged = json.dumps(dict(manifest, **{member: value})).encode()
                    self.refuse(folder, "proof/manifest.json", forged, False,
                                "proof/manifest.json")
                less = {k: v for k, v in manifest.items() if k != member}
                self.refuse(folder, "proof/manifest.json", json.dumps(less).encode(), False)
            for name in manifest["files"]:
                forged = dict(manifest, files=dict(manifest["files"], **{name: "0" * 64}))
                self.refuse(folder, "proof/manifest.json", json.dumps(forged).encode(), False,
                            name)

    def test_floor(self):
        """The floor of 60 % holds though everything else fits."""
        for folder in self.folders:
            path = "proof/input/season.toml"
            policy = read(folder.file(path))
            inherits = any(p.high_quality and p.share is None
                           for p in folder.season.programmes.values())
            if b"[quota]" in policy and inherits:
                forged = policy.replace(b'share = "0.6"', b'share = "0.59"').replace(
                    b"share = 0.65", b"share = 0.59")
                self.refuse(folder, path, forged, True, "below 0.6")


# ---------------------------------------------------------------- small parts against documents

class Parts(unittest.TestCase):
    """Single functions against published values and worked examples."""

    def test_chacha20_block(self):
        """RFC 8439 section 2.3.2 (its 32-bit counter and 96-bit nonce fill the same words)."""
        key = bytes(range(32))
        low, high = verify.chacha20_words(key, [1, 7], [0x09000000, 1], [0x4A000000, 2], [0, 3])
        block = low[0].to_bytes(4, "little") + high[0].to_bytes(4, "little")
        self.assertEqual(block.hex(), "10f1e7e4d13b5915")
        alone = verify.chacha20_words(key, [7], [1], [2], [3])
        self.assertEqual((low[1], high[1]), (alone[0][0], alone[1][0]))

    def test_numbers(self):
        """Decimals are exact and shortest."""
        for text in ("0", "612.5", "0.6", "-1.25", "600", "0.000000000001"):
            self.assertEqual(verify.shortest(verify.points_of(text)), text)
        self.assertEqual(verify.shortest(verify.points_of("600.50")), "600.5")
        for text in ("", "1e3", ".5", "5.", "1,5", "+1"):
            self.assertRaises(verify.Fault, verify.points_of, text)
        for value, decimals, result in (("2.5", 0, "3"), ("2.49", 0, "2"), ("2.25", 1, "2.3")):
            rounded = verify.half_up(verify.points_of(value), decimals)
            self.assertEqual(verify.shortest(rounded), result)

    def test_apportionment(self):
        """Hamilton, Webster, Jefferson on the classic example; minimum and cap."""
        weights, low, high = [47000, 16000, 15900, 12000, 6000, 3100], [0] * 6, [None] * 6

        def seats(method, low=low, high=high):
            return verify.apportion(method, 10, weights, low, high)
        self.assertEqual(seats("largest_remainder"), [5, 2, 1, 1, 1, 0])
        self.assertEqual(seats("sainte_lague"), [4, 2, 2, 1, 1, 0])
        self.assertEqual(seats("dhondt"), [5, 2, 2, 1, 0, 0])
        self.assertEqual(seats("half_up"), [5, 2, 2, 1, 1, 0])
        self.assertEqual(seats("floor"), [4, 1, 1, 1, 0, 0])
        self.assertEqual(seats("largest_remainder", low=[1] * 6), [4, 2, 1, 1, 1, 1])
        self.assertEqual(sum(seats("largest_remainder", high=[1] * 6)), 6)
        self.assertEqual(seats("largest_remainder", high=[2] + [None] * 5), [2, 2, 2, 2, 1, 1])


# ---------------------------------------------------------------- a season worked by hand

HAND = {
    "season.toml": """quality_grades = ["A", "B"]
[score]
rounding = "half_up"
bonus_cap = 5
[[subject]]
code = "chinese"
[[subject]]
code = "math"
weight = 0.5
[[subject]]
code = "sport"
exempt = 30
[[tie]]
by = "flag"
flag = "priority"
[[tie]]
by = "subject"
subject = "chinese"
[[tie]]
by = "grade"
[lot]
round = 1
parts = ["balls 07 31", "secret"]
[quota]
share = 0.6
cap = "eligible"
[[batch]]
code = "1"
control_line = 100
[[batch]]
code = "2"
seats = "open"
supplementary_of = ["1"]
placing = { kind = "sequential" }
""",
    "areas.csv": "area_code,name,divisions\nA1,x,\nA2,y,\n",
    "junior_schools.csv": "school_code,name,area_code\nJ1,a,A1\nJ2,b,A1\nJ3,c,A2\n",
    "senior_schools.csv":
        "school_code,name,area_code,ownership,high_quality\nS1,s,A1,public,1\nS2,t,A1,public,0\n",
    "programmes.csv": "programme_code,school_code,name,batch,seats,scope\n"
                      "P1,S1,,1,3,\nP2,S2,,1,1,*\n",
    "candidates.csv": "exam_no,name,junior_code,area_code,attended,repeat,bonus,quality_grade,"
                      "flags\n"
                      "c1,n,J1,A1,1,0,,A,\nc2,n,J1,A1,1,0,3;8,B,\nc3,n,J2,A1,1,0,,,\n"
                      "c4,n,J2,A1,1,1,,A,priority\nc5,n,J3,A2,1,0,,A,\nc6,n,J1,A1,1,0,,A,\n"
                      "c7,n,J2,A1,1,0,,A,\n",
    "scores.csv": "exam_no,chinese,math,sport\nc1,100,81,30\nc2,90,60,exempt\nc3,80,50,20\n"
                  "c4,80,50,20\nc5,110,100,50\nc6,absent,void,absent\nc7,40,20,20\n",
    "preferences.csv": "exam_no,batch,position,programme_code\nc1,1,1,P1\nc1,1,2,P2\nc2,1,1,P1\n"
                       "c2,1,2,P2\nc3,1,1,P1\nc4,1,1,P1\nc4,1,2,P2\nc4,2,1,P1\nc5,1,1,P1\n"
                       "c5,1,2,P2\nc6,1,1,P1\nc7,1,1,P1\n",
}

# J1 has 3 eligible (c6 too), J2 2 (not c4: repeat), J3 lies out of scope: 2 seats as 1.2, 0.8.
HAND_RESULT = {
    "quota.csv": "programme_code,junior_code,seats,reason\nP1,J1,1,\nP1,J2,1,\n",
    "results.csv": "exam_no,batch,programme_code,seat,position,total\nc1,1,P1,quota,1,171\n"
                   "c2,1,P1,open,1,155\nc3,1,P1,quota,1,125\nc4,,,,,125\nc5,1,P2,open,2,210\n"
                   "c6,,,,,\nc7,,,,,70\n",
    "cutoffs.csv": "programme_code,batch,seat,junior_code,total,tie_chain,taken,seats\n"
                   "P1,1,open,,155,priority=0;chinese=90;quality_grade=B;lot={c2},1,1\n"
                   "P1,1,quota,J1,171,priority=0;chinese=100;quality_grade=A;lot={c1},1,1\n"
                   "P1,1,quota,J2,125,priority=0;chinese=80;quality_grade=;lot={c3},1,1\n"
                   "P2,1,open,,210,priority=0;chinese=110;quality_grade=A;lot={c5},1,1\n",
    "reasons.csv": "exam_no,batch,position,programme_code,reason,detail\n"
                   "c1,1,1,P1,admitted,quota\nc1,1,2,P2,already_admitted_above,1/1\n"
                   "c2,1,1,P1,admitted,open\nc2,1,2,P2,already_admitted_above,1/1\n"
                   "c3,1,1,P1,admitted,quota\nc4,1,1,P1,below_cutoff,open:total:30\n"
                   "c4,1,2,P2,below_cutoff,open:total:85\nc4,2,1,P1,below_cutoff,open:none\n"
                   "c5,1,1,P1,out_of_scope,\nc5,1,2,P2,admitted,open\n"
                   "c6,1,1,P1,below_gate,exam_record\nc7,1,1,P1,below_gate,control_line:100\n",
    "segments.csv": "area_code,score,count,cumulative\n" + "".join(
        "A1,%d,%d,%d\n" % (n, {171: 1, 155: 1, 125: 2, 70: 1}.get(n, 0),
                           (n <= 171) + (n <= 155) + 2 * (n <= 125) + (n <= 70))
        for n in range(171, 69, -1)) + "A2,210,1,1\n",
    "proof/eligibility.csv": "exam_no,eligible,refusals\nc1,1,\nc2,1,\nc3,1,\nc4,0,repeat\n"
                             "c5,1,\nc6,1,\nc7,1,\n",
    "proof/totals.csv": "exam_no,total_without_bonus,bonus,total,record,lot,rank\n"
                        "c1,171,0,171,1,{c1},2\nc2,150,5,155,1,{c2},3\nc3,125,0,125,1,{c3},5\n"
                        "c4,125,0,125,1,{c4},4\nc5,210,0,210,1,{c5},1\nc6,0,0,0,0,{c6},\n"
                        "c7,70,0,70,1,{c7},6\n",
}


class Hand(unittest.TestCase):
    """A season worked out by hand, not by verify.py."""

    def test_hand(self):
        """All output files, but for the lots themselves."""
        with tempfile.TemporaryDirectory() as place:
            source, target = os.path.join(place, "season"), os.path.join(place, "result")
            for name, content in HAND.items():
                reference_season.write(os.path.join(source, name), content)
            season = reference_season.build(source, target)
            lots = {c["exam_no"]: n for c, n in zip(season.candidates, season.lots)}
            for name, content in HAND_RESULT.items():
                found = read(os.path.join(target, name)).decode()
                self.assertEqual(found, content.format(**lots), name)
            self.assertTrue(verify.verify(target))


class Choices(unittest.TestCase):
    """Choice functions on cases worked by hand; a name with its total and claims (o, p, cell)."""

    def check(self, expected, apps, q, cells, precedence="quota_first", reversion="open",
              gate=None):
        """apps "a10o0 b9p": in order of key; expected "a:open b:pool"."""
        offer = Record(code="P", kind="integrated", q=q, cells=cells, R=sum(cells.values()),
                       gate=gate, pool=reversion == "county_pool", precedence=precedence,
                       reversion=reversion)
        rows = []
        for key, text in enumerate(apps.split()):
            claims = text.lstrip("abcdefgh").lstrip("0123456789")
            total = int(text[1:len(text) - len(claims)])
            cell = int(claims[-1]) if claims[-1].isdigit() else None
            rows.append((key, text[0], 1, "o" in claims, cell, "p" in claims, total))
        found = sorted(a[WHO] + ":" + seat for a, seat in verify.choose(offer, rows))
        self.assertEqual(" ".join(found), expected)

    def test_reversions(self):
        """open, county_pool, none; more cells than seats."""
        apps, cells = "a9o b8p c7p d6p0 e5o", {0: 2}
        self.check("a:open d:quota e:open", apps, 3, cells)
        self.check("a:open b:pool d:quota", apps, 3, cells, reversion="county_pool")
        self.check("a:open d:quota", apps, 3, cells, reversion="none")
        self.check("a:quota", "a9o1 b8o0 c7o", 1, {0: 1, 1: 1})

    def test_open_first(self):
        """Empty quota seats return before the open seats are filled."""
        apps = "a9o0 b8o0 c7o d6o0 e5o"
        self.check("a:open b:open c:open d:quota", apps, 4, {0: 1, 1: 1}, "open_first")
        self.check("a:open b:open d:quota", apps, 4, {0: 1, 1: 1}, "open_first", "none")
        self.check("a:quota b:open c:open e:open", "a9o0 b8o c7o e5o", 4, {0: 1, 1: 1})

    def test_relative_gate(self):
        """Merit and quota events, heirs, merit admits that count or do not."""
        apps = "a10o0 b9_0 c5o d4o e3o"
        self.check("a:quota c:open d:open e:open", apps, 4, {0: 1}, gate=2)
        self.check("a:open b:quota c:open d:open", apps, 4, {0: 1}, "open_first", gate=2)
        apps = "a10o0 b9_0 c8o"
        self.check("a:open c:open", apps, 2, {0: 1}, gate=0)
        self.check("a:open b:quota", apps, 2, {0: 1}, "open_first", gate=0)


# ---------------------------------------------------------------- tiny markets, enumerated

STYLES = ["quota_first open", "quota_first county_pool", "quota_first none", "open_first open",
          "open_first none", "quota_first gate", "open_first gate", "pool", "over"]


def tiny_offer(rng, code, style, juniors):
    """What one programme of a tiny market offers."""
    words = style.split()
    q = rng.choice([1, 1, 1, 2, 3])
    cells = {}
    for cell in range(juniors):
        seats = rng.randrange(0, 3)
        if seats and (style == "over" or sum(cells.values()) + seats <= q):
            cells[cell] = seats
    gate = rng.choice([0, 1, 3]) if words[-1] == "gate" else None
    reversion = words[1] if len(words) > 1 and gate is None else "open"
    if style == "over":
        reversion = rng.choice(["open", "county_pool", "none"])
    precedence = words[0] if "_first" in words[0] else "quota_first"
    return Record(code=code, kind="pool" if style == "pool" else "integrated", q=q,
                  cells={} if style == "pool" else cells, R=sum(cells.values()), gate=gate,
                  pool=reversion == "county_pool", precedence=precedence, reversion=reversion)


def tiny_order(rng, students):
    """A strict order and totals that go with it: ranks and totals by student."""
    totals = sorted((rng.randrange(0, 8) for _ in range(students)), reverse=True)
    rank = rng.sample(range(students), students)
    return rank, [totals[r] for r in rank]


def tiny_market(rng, style, most=5):
    """Offers and lists of applications; "own": every programme has its own order of merit."""
    students, programmes = rng.randrange(2, most + 1), rng.choice([1, 2, 3, 3])
    offers = {c: tiny_offer(rng, c, style, 2) for c in ["P%d" % n for n in range(programmes)]}
    placing = rng.choice(["parallel", "own", "own", "own", "own", "sequential", "pairs", "band"])
    if "gate" in style:
        placing = rng.choice(["parallel", "own"])
    common = tiny_order(rng, students)
    orders = {c: tiny_order(rng, students) if placing == "own" else common for c in offers}
    lists = {}
    for i in range(students):
        junior = rng.randrange(3)  # 2: a junior high without cells
        eligible = rng.random() < 0.7
        codes = rng.sample(sorted(offers), programmes - rng.choice([0, 0, 0, 1]))
        lists[i] = []
        for position, code in enumerate(codes, 1):
            offer = offers[code]
            rank, total = orders[code]
            first = {"parallel": 0, "own": 0, "sequential": position, "pairs": (position + 1) // 2,
                     "band": (7 - total[i]) // 3 * 10 + position}[placing]
            cell = junior if eligible and junior in offer.cells else None
            pool = eligible and (offer.pool or style == "pool")
            is_open = style != "pool" and rng.random() < 0.9
            if is_open or cell is not None or pool:
                app = (first * 100 + rank[i], i, position, is_open, cell, pool, total[i])
                lists[i].append((code, app))
    return offers, lists


def chosen(offer, apps):
    """Who is chosen from a set of applications."""
    return {a[WHO] for a, _ in verify.choose(offer, sorted(apps))}


def place_of(lists, i, code):
    """Index of a programme in a list; unplaced is after all."""
    return next((n for n, (c, _) in enumerate(lists[i]) if c == code), len(lists[i]))


def is_stable(offers, lists, matching):
    """Choice from everyone who weakly prefers a programme equals its holders."""
    for code, offer in offers.items():
        apps = [lists[i][place_of(lists, i, code)][1] for i in lists
                if place_of(lists, i, code) < len(lists[i])
                and place_of(lists, i, code) <= place_of(lists, i, matching[i])]
        if chosen(offer, apps) != {i for i in lists if matching[i] == code}:
            return False
    return True


def stable_matchings(offers, lists):
    """All stable matchings by enumeration."""
    options = [[c for c, _ in lists[i]] + [None] for i in lists]
    for pick in itertools.product(*options):
        matching = dict(zip(lists, pick))
        if is_stable(offers, lists, matching):
            yield matching


def matching_of(held, lists):
    """Programme of every student."""
    result = dict.fromkeys(lists)
    for code, choice in held.items():
        for app, _ in choice:
            result[app[WHO]] = code
    return result


def literal_da(offers, lists, rng):
    """The words of R6: one proposal after the other in any order, and every programme chooses
    among all that ever proposed to it."""
    proposed = {code: [] for code in offers}
    at = dict.fromkeys(lists, -1)
    while True:
        kept = {(a[WHO], code) for code in offers
                for a, _ in verify.choose(offers[code], sorted(proposed[code]))}
        free = [i for i in lists if at[i] < len(lists[i])
                and (at[i] < 0 or (i, lists[i][at[i]][0]) not in kept)]
        if not free:
            return {code: verify.choose(offers[code], sorted(proposed[code])) for code in offers}
        i = rng.choice(free)
        at[i] += 1
        if at[i] < len(lists[i]):
            code, app = lists[i][at[i]]
            proposed[code].append(app)


def closed_form(offer, apps):
    """M2: S(c*), c* the loosest threshold with |S(c)| <= q."""
    best = set()
    for c in [-1] + sorted(a[KEY] for a in apps):
        merit = [a for a in apps if a[OPEN] and a[KEY] <= c]
        rest = [a for a in apps if offer.precedence == "quota_first" or a not in merit]
        quota, _ = verify.fill_cells(sorted(rest), offer.cells, offer.q)
        together = {a[WHO] for a in merit} | {a[WHO] for a, _ in quota}
        if len(together) <= offer.q:
            best = together
    return best


class Tiny(unittest.TestCase):
    """Placing against enumeration."""

    def test_stable_and_optimal(self):
        """DA is stable, and everyone's best stable matching."""
        rng = random.Random(11)
        several = 0
        for number in range(2700):
            offers, lists = tiny_market(rng, STYLES[number % len(STYLES)])
            found = matching_of(verify.deferred_acceptance(offers, lists), lists)
            stable = list(stable_matchings(offers, lists))
            self.assertIn(found, stable)
            several += len(stable) > 1
            for matching in stable:
                for i in lists:
                    self.assertLessEqual(place_of(lists, i, found[i]),
                                         place_of(lists, i, matching[i]))
        self.assertGreater(several, 30)

    def test_order_of_proposals(self):
        """One by one in any order, choosing among all that ever proposed: the same, with seats."""
        rng = random.Random(12)
        for number in range(2700):
            offers, lists = tiny_market(rng, STYLES[number % len(STYLES)], 9)
            rounds = verify.deferred_acceptance(offers, lists)
            literal = literal_da(offers, lists, rng)
            for code in offers:
                self.assertEqual(sorted(rounds[code]), sorted(literal[code]))

    def test_closed_form(self):
        """quota_first and open_first equal their closed form; the event rule at d = infinity."""
        rng = random.Random(13)
        for number in range(1500):
            style = ["quota_first open", "open_first open"][number % 2]
            offers, lists = tiny_market(rng, style, 9)
            for code, offer in offers.items():
                apps = sorted(a for entries in lists.values() for c, a in entries if c == code)
                who = chosen(offer, apps)
                self.assertEqual(who, closed_form(offer, apps))
                ranked = [(a[-1] * -100 + a[WHO],) + a[1:] for a in apps]
                plain = verify.choose(offer, sorted(ranked))
                offer.gate = 10 ** 9
                self.assertEqual(sorted(plain), sorted(verify.choose(offer, sorted(ranked))))
                offer.gate = None


def tearDownModule():
    """Say how many forgeries were tried."""
    if Forgeries.count:
        print("forgeries refused: %d" % Forgeries.count, file=sys.stderr)


class Leaves(unittest.TestCase):
    """A family's own line."""

    @staticmethod
    def line_of(count, place):
        """A leaf file of one candidate of some, and the root of all."""
        lines = ["results.csv\n2601%02d,1,P01,open,1,600\n" % at for at in range(count)]
        salts = [bytes([at]) * 32 for at in range(count)]
        leaves = [verify.sha256(b"\0", salt, line.encode()) for salt, line in zip(salts, lines)]

        def path(at, part):
            if len(part) == 1:
                return []
            left = verify.split(len(part))
            if at < left:
                return path(at, part[:left]) + [verify.tree_root(part[left:]).hex()]
            return path(at - left, part[left:]) + [verify.tree_root(part[:left]).hex()]

        root = verify.tree_root(leaves).hex()
        return {"format": "leaf/1", "leaf": lines[place], "salt": salts[place].hex(), "place": place,
                "count": count, "path": path(place, leaves), "leaves_root": root, "root": "09" * 32}, root

    @staticmethod
    def accepted(file, root, count):
        """Whether the line is accepted."""
        try:
            verify.verify_leaf(json.dumps(file).encode(), root, "09" * 32, count)
        except (verify.Fault, verify.NoFolder):
            return False
        return True

    @staticmethod
    def forgeries(file):
        """The file with one thing changed."""
        def flipped(text, at):
            return text[:at] + "%x" % (int(text[at], 16) ^ 1) + text[at + 1:]
        leaf = file["leaf"]
        for at, sign in enumerate(leaf):
            yield dict(file, leaf=leaf[:at] + chr(ord(sign) ^ 1) + leaf[at + 1:])
        for at in range(64):
            for name in ("salt", "leaves_root", "root"):
                yield dict(file, **{name: flipped(file[name], at)})
            for step, value in enumerate(file["path"]):
                yield dict(file, path=file["path"][:step] + [flipped(value, at)] + file["path"][step + 1:])
        for name in ("place", "count"):
            for other in list(range(25)) + [-1, True, 1.0, "1", None, 2 ** 64]:
                if other != file[name] or other is True or isinstance(other, float):
                    yield dict(file, **{name: other})
        # The first byte of the line moved behind the salt gives the same bytes to hash.
        yield dict(file, salt=file["salt"] + leaf[0].encode().hex(), leaf=leaf[1:])
        for name in file:
            yield {key: value for key, value in file.items() if key != name}

    def test_own_line(self):
        """The own line is accepted, alone and in the whole answer; no forgery is."""
        refused = 0
        for count in range(1, 21):
            for place in range(count):
                file, root = self.line_of(count, place)
                self.assertTrue(self.accepted(file, root, count), (place, count))
                self.assertTrue(self.accepted({"exam_no": "1", "proof": file}, root, count))
                self.assertFalse(self.accepted(file, "00" * 32, count))
                for forged in self.forgeries(file):
                    self.assertFalse(self.accepted(forged, root, count), forged)
                    refused += 1
        self.assertGreater(refused, 200)


if __name__ == "__main__":
    unittest.main()
