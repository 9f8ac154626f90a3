#!/usr/bin/env python3
"""Tests of verify_entry.py: `python3 -m unittest tests/independent/test_verify_entry.py` (or run it).

Random entries are built and verified; forged cells must be refused; the placing is checked against
enumeration of all stable assignments on tiny markets. The program itself is not needed.
"""
import contextlib
import hashlib
import io
import itertools
import json
import math
import os
import random
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import random_entry  # noqa: E402
import reference_season  # noqa: E402
import verify  # noqa: E402
import verify_entry  # noqa: E402
from verify import Record  # noqa: E402

PERSONAL = ("name", "sex", "id_no")


def read(path):
    """Bytes of a file."""
    with open(path, "rb") as handle:
        return handle.read()


# ---------------------------------------------------------------- whole folders and forgeries

def copy_inputs(source, target):
    """proof/input: as it was, without names and numbers of identity."""
    for name in sorted(os.listdir(source)):
        data = read(os.path.join(source, name))
        if name == "children.csv":
            header, rows = verify.parse_sheet(data, name)
            kept = [n for n, column in enumerate(header) if column not in PERSONAL]
            data = verify.sheet_text([header[n] for n in kept],
                                     [[row[n] for n in kept] for row in rows])
        reference_season.write(os.path.join(target, name), data)


def build(source, folder):
    """The whole result folder of an entry folder."""
    inputs = os.path.join(folder, "proof", "input")
    copy_inputs(source, inputs)
    entry = verify_entry.compute(inputs)
    for name, make in verify_entry.SHEETS.items():
        reference_season.write(os.path.join(folder, name), verify_entry.sheet_text(*make(entry)))
    reference_season.write_manifest(
        folder, dict(verify_entry.manifest_values(entry), version="0.0.0"))
    return entry


class Folder:
    """A result folder in a temporary place."""

    def __init__(self, seed, children=60):
        self.temporary = tempfile.TemporaryDirectory()
        source = os.path.join(self.temporary.name, "entry")
        self.path = os.path.join(self.temporary.name, "result")
        random_entry.make(source, seed, children)
        self.entry = build(source, self.path)

    def file(self, name):
        """Full path of a file of the folder."""
        return os.path.join(self.path, name)

    def refused(self):
        """The words of the refusal, or None."""
        try:
            verify_entry.check(self.path)
        except verify.Fault as fault:
            return str(fault)
        return None

    def repair(self):
        """Put the true hashes of the (forged) files into the manifest."""
        manifest = json.loads(read(self.file("proof/manifest.json")))
        manifest["files"] = {
            name: hashlib.sha256(read(self.file(name))).hexdigest()
            for name in verify.files_of(self.path) if name != "proof/manifest.json"}
        reference_season.write(self.file("proof/manifest.json"), json.dumps(manifest))

    @contextlib.contextmanager
    def forged(self, name, data, repair):
        """The folder with other bytes in one file, afterwards as before."""
        kept = {n: read(self.file(n)) for n in (name, "proof/manifest.json")}
        reference_season.write(self.file(name), data)
        if repair:
            self.repair()
        yield
        for n, content in kept.items():
            reference_season.write(self.file(n), content)

    def close(self):
        """Remove it."""
        self.temporary.cleanup()


class Folders(unittest.TestCase):
    """Result folders as a whole."""

    def test_clean(self):
        """Random entries are built and verified clean, and every rule turns up in them."""
        seen = set()
        for seed in range(60):
            folder = Folder(seed, 60 if seed % 2 else 20)
            self.assertIsNone(folder.refused(), seed)
            seen |= self.rules_of(folder.entry)
            folder.close()
        expected = ("admit_both next_single case private direct feeder zone transfer age "
                    "no_promotion not_long_enough no_zone no_category admitted placed_above "
                    "no_seat twins category order lot red amber enough gap school_without_zone "
                    "locked heads:1 heads:2 heads:3 over_plan ring "
                    "first_and_difference").split()
        self.assertEqual([word for word in expected if word not in seen], [])

    @staticmethod
    def rules_of(entry):
        """Words of the rules that turned up in an entry."""
        seen = {entry.twins}
        for make, column in ((verify_entry.placements_sheet, 3), (verify_entry.reasons_sheet, -1),
                             (verify_entry.draws_sheet, 5),
                             (verify_entry.loads_sheet, -1), (verify_entry.zone_findings_sheet, 0)):
            seen |= {row[column] for row in make(entry)[1]}
        for c in entry.candidacies.values():
            seen.update(c.refusals, [] if c.locked_since is None else ["locked"])
        seen |= {"heads:%d" % ticket.heads for ticket in entry.tickets.values()}
        seen |= {"over_plan" for row in verify_entry.school_lines_sheet(entry)[1]
                 if int(row[4]) > int(row[3])}
        return seen

    def test_order_of_input_rows(self):
        """The rows of the input in another order give the same output (feeders.csv keeps its)."""
        rng = random.Random(5)
        for seed in range(8):
            folder = Folder(seed)
            for name in verify_entry.INPUTS:
                if name != "feeders.csv" and os.path.exists(folder.file("proof/input/" + name)):
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
            self.assertEqual(verify_entry.main([folder.path]), 0)
            self.assertEqual(verify_entry.main([folder.temporary.name]), 2)
            self.assertEqual(verify_entry.main([folder.path + "/nothing"]), 2)
            self.assertEqual(verify_entry.main([]), 2)
            os.remove(folder.file("placements.csv"))
            self.assertEqual(verify_entry.main([folder.path]), 1)
        self.assertTrue(out.getvalue().startswith("verified: 60 children, "))
        self.assertIn("placements.csv: missing", err.getvalue())
        folder.close()

    def test_formulas(self):
        """A cell that would begin a formula has an apostrophe before it, in and out."""
        text = verify_entry.sheet_text(["a"], [["=1"], ["+1"], ["-1"], ["@1"], ["1-"], ["'="]])
        self.assertEqual(text, "a\n'=1\n'+1\n'-1\n'@1\n1-\n'=\n")
        self.assertEqual([verify_entry.plain(c) for c in ("'=1", "'-112.5", "'a", "-1", "")],
                         ["=1", "-112.5", "'a", "-1", ""])


class Forgeries(unittest.TestCase):
    """Every forgery is refused."""

    @classmethod
    def setUpClass(cls):
        cls.folders = [Folder(seed, 30) for seed in (1, 2, 4)]

    @classmethod
    def tearDownClass(cls):
        for folder in cls.folders:
            folder.close()

    def refuse(self, folder, name, data, repair):
        """Assert that one forgery is refused, naming the file."""
        with folder.forged(name, data, repair):
            self.assertIn(name, folder.refused() or "accepted", (name, repair))

    def test_every_cell(self):
        """Any one cell of any sheet of the result, though its hash was repaired."""
        rng = random.Random(1)
        count = 0
        for folder in self.folders:
            for name in verify_entry.SHEETS:
                header, rows = verify.parse_sheet(read(folder.file(name)), name)
                for row in rng.sample(rows, min(len(rows), 4)):
                    for column, old in enumerate(row):
                        row[column] = "7" if old == "" else rng.choice([old + "1", old[:-1]])
                        self.refuse(folder, name, verify.sheet_text(header, rows).encode(), True)
                        row[column] = old
                        count += 1
        self.assertGreater(count, 250)

    def test_hashes(self):
        """Any one file with another byte, its hash left as it was; files more and less."""
        for folder in self.folders:
            for name in verify.files_of(folder.path):
                if name != "proof/manifest.json":
                    self.refuse(folder, name, read(folder.file(name)) + b"\n", False)
            reference_season.write(folder.file("extra.txt"), "x")
            self.assertIn("extra.txt is not listed", folder.refused())
            os.remove(folder.file("extra.txt"))
            self.assertIsNone(folder.refused())

    def test_shape(self):
        """Rows gone, doubled, swapped; another writing."""
        for folder in self.folders:
            for name in verify_entry.SHEETS:
                data = read(folder.file(name))
                lines = data.split(b"\n")
                forged = [b"\n".join(lines[:-2] + lines[-1:]), data[:-1], data + b"\n", b"",
                          b"\n".join(lines[:-1] + lines[-2:]), data.replace(b"\n", b"\r\n"),
                          b"\xef\xbb\xbf" + data, data.replace(b",", b',"",', 1)]
                if len(lines) > 3:
                    forged.append(b"\n".join([lines[0], lines[2], lines[1]] + lines[3:]))
                for other in forged:
                    self.refuse(folder, name, other, True)

    def test_manifest(self):
        """What the manifest says of list, seed and numbers."""
        for folder in self.folders:
            manifest = json.loads(read(folder.file("proof/manifest.json")))
            for member in manifest:
                for value in (None, "x", 7, {}):
                    forged = json.dumps(dict(manifest, **{member: value})).encode()
                    self.refuse(folder, "proof/manifest.json", forged, False)

    def test_inputs(self):
        """Another draw, another birthday: the sheets no longer follow."""
        for folder in self.folders:
            policy = read(folder.file("proof/input/entry.toml"))
            for old, new in ((b'"balls ', b'"bells '), (b"round = ", b"round = 1")):
                with folder.forged("proof/input/entry.toml", policy.replace(old, new), True):
                    self.assertIn("placements.csv", folder.refused())

    def test_counting(self):
        """Counting alone refuses a full school's plan broken and categories passed over."""
        for seed in range(20):
            folder = Folder(seed, 120)
            rows = verify_entry.placements_sheet(folder.entry)[1]
            verify_entry.by_counting(folder.entry, rows)
            school = next(row[2] for row in rows if row[2])
            forged = [row[:2] + [school, "zone"] + row[4:]
                      if school in verify_entry.schools_of(folder.entry, row[1]) else row
                      for row in rows]
            self.assertRaises(verify.Fault, verify_entry.by_counting, folder.entry, forged)
            folder.close()


# ---------------------------------------------------------------- an entry worked by hand

HAND = {
    "entry.toml": """format = "entry/1"
year = 2026
zone_by = ["property", "household"]
[lot]
round = 1
parts = ["a"]
[home_rule]
primary_years = 6
junior_years = 3
since = 2021
[[stage]]
code = "primary"
born_until = "2020-08-31"
class_size = 45
[[stage.category]]
code = "both"
all = ["household", "property"]
household_in_zone = true
order = ["household_since"]
[[stage.category]]
code = "one"
any = ["household", "property"]
[stage.transfer]
[[stage]]
code = "junior"
class_size = 50
ways = ["direct", "feeder"]
""",
    "schools.csv": "school_code,kind,ownership,primary_classes,primary_seats,junior_classes,"
                   "junior_seats,replacement,longitude,latitude\n"
                   "N,nine_year,public,1,1,1,1,,112.2,31.7\nP,primary,public,1,3,,,1,112.3,31.7\n"
                   "J,junior,public,,,1,9,,,\n",
    "zones.csv": "zone_code,stage,schools\nZ,primary,N\n",
    "addresses.csv": "address_code,primary_zone,junior_zone,longitude,latitude\n"
                     "A,Z,,112.2,31.71\nB,,,,\n",
    "feeders.csv": "primary_code,junior_code\nP,J\nN,J\n",
    "children.csv": "child_no,stage,born,household_address,household_since,property_address,home,"
                    "family,primary_code,primary_since,direct\n"
                    "a,primary,2020-08-31,A,2020-05-01,A,H1,F1,,,\n"
                    "b,primary,2020-09-01,A,2020-05-01,A,,,,,\n"
                    "c,primary,2020-01-01,A,2020-04-30,A,H2,F2,,,\n"
                    "d,primary,2020-01-01,A,,A,H1,F2,,,\n"
                    "e,primary,2020-01-01,B,,,,,,,\n"
                    "f,junior,,,,,,,N,2020-09-01,1\n"
                    "g,junior,,,,,,,N,2020-09-02,1\n"
                    "h,junior,,,,,,,P,2020-09-01,1\n"
                    "i,primary,,A,2020-05-01,A,,,,,\n",
    "evidence.csv": "child_no,fact,source,comparison,decision,reason\n" + "".join(
        "%s,household,police,match,,\n%s,property,housing,not_found,accepted,seen\n" % (n, n)
        for n in "abcdei") + "c,property,papers,match,refused,no\n",
    "home_uses.csv": "home,stage,year,family\nH1,primary,2022,F1\nH2,primary,2020,F1\n"
                     "H2,junior,2024,F1\n",
}
# a: in time by a day, not locked by her own family; c: H2 only before 2021 and at junior; d: locked.
HAND_CANDIDACIES = """a,primary,household;property,A,Z,both,,
b,primary,household;property,,,,,age
c,primary,household;property,A,Z,both,,
d,primary,household,A,Z,one,2022,
e,primary,household;property,,,one,,no_zone
f,junior,,,,,,
g,junior,,,,,,not_long_enough
h,junior,,,,,,no_promotion
i,primary,household;property,,,,,age
"""
HAND_PLACEMENTS = [("a", "P", "transfer", "both"), ("b", "", "", ""), ("c", "N", "zone", "both"),
                   ("d", "P", "transfer", "one"), ("e", "P", "transfer", "one"),
                   ("f", "N", "direct", ""), ("g", "J", "feeder", ""), ("h", "J", "feeder", ""),
                   ("i", "", "", "")]
HAND_REASONS = [("admission", "a", "N", "order"), ("admission", "c", "N", "admitted"),
                ("admission", "d", "N", "category"), ("admission", "f", "N", "admitted"),
                ("admission", "f", "J", "placed_above"), ("admission", "g", "J", "admitted"),
                ("admission", "h", "J", "admitted"), ("transfer", "a", "P", "admitted"),
                ("transfer", "d", "P", "admitted"), ("transfer", "e", "P", "admitted")]
HAND_FINDINGS = [["gap", "primary", "B", ""], ["gap", "junior", "A", ""],
                 ["gap", "junior", "B", ""], ["school_without_zone", "junior", "N", ""]]


class Hand(unittest.TestCase):
    """An entry worked out by hand, not by verify_entry.py."""

    def test_hand(self):
        """Facts, lock, age, zone, category, ways, both rounds, reasons and findings."""
        with tempfile.TemporaryDirectory() as place:
            for name, content in HAND.items():
                reference_season.write(os.path.join(place, name), content)
            e = verify_entry.compute(place)
        text = verify_entry.sheet_text(*verify_entry.candidacies_sheet(e))
        self.assertEqual(text.partition("\n")[2], HAND_CANDIDACIES)
        rows = verify_entry.placements_sheet(e)[1]
        self.assertEqual([(r[0],) + tuple(r[2:5]) for r in rows], HAND_PLACEMENTS)
        rows = verify_entry.reasons_sheet(e)[1]
        self.assertEqual([(r[1], r[0], r[3], r[6]) for r in rows], HAND_REASONS)
        rows = [r[:5] for r in verify_entry.school_lines_sheet(e)[1]]
        self.assertEqual(rows, [
            ["N", "primary", "admission", "1", "1"], ["P", "primary", "admission", "3", "0"],
            ["J", "junior", "admission", "9", "2"], ["N", "junior", "admission", "1", "1"],
            ["N", "primary", "transfer", "0", "0"], ["P", "primary", "transfer", "3", "3"],
            ["J", "junior", "transfer", "0", "0"], ["N", "junior", "transfer", "0", "0"]])
        self.assertEqual(verify_entry.loads_sheet(e)[1], [["Z", "primary", "3", "2", "1", "red"]])
        self.assertEqual(verify_entry.zone_findings_sheet(e)[1], HAND_FINDINGS)


# ---------------------------------------------------------------- small parts

class Parts(unittest.TestCase):
    """Single functions on cases worked by hand."""

    def test_ring(self):
        """W17 (Nanchang 2023): 20 children, start 6, interval 3."""
        order = verify_entry.numbers_drawn(20, "ring", 6, 3)
        self.assertEqual(order[:15], [6, 9, 12, 15, 18, 1, 4, 8, 13, 17, 2, 7, 14, 20, 10])
        order = verify_entry.numbers_drawn(5, "first_and_difference", 4, 2)
        self.assertEqual(order, [4, 1, 3, 5, 2])
        for numbers in ((4, "ring", 5, 1), (4, "ring", 0, 1), (4, "first_and_difference", 1, 2)):
            self.assertRaises(verify.Fault, verify_entry.numbers_drawn, *numbers)
        self.assertEqual(verify_entry.bits_of(20, "ring"), "8.6")
        self.assertEqual(verify_entry.bits_of(20, "first_and_difference"), "7.3")

    def test_twins_at_the_line(self):
        """W18: 5 seats; 3 (one), 7 (twins), 1 (one), 9 (twins) in the order of their numbers."""
        drawn = [(1, 1, "one"), (3, 2, "two"), (4, 1, "three"), (9, 2, "four")]
        self.assertEqual(verify_entry.take(drawn, 5, "admit_both"), ["one", "two", "three", "four"])
        self.assertEqual(sum(heads for _, heads, _ in drawn), 6)
        self.assertEqual(verify_entry.take(drawn, 5, "next_single"), ["one", "two", "three"])
        more = drawn + [(10, 1, "five"), (11, 1, "six")]
        self.assertEqual(verify_entry.take(more, 5, "next_single"),
                         ["one", "two", "three", "five"])
        self.assertEqual(verify_entry.take(more, 4, "admit_both"), ["one", "two", "three"])
        self.assertEqual(verify_entry.take(drawn, 0, "admit_both"), [])

    def test_age(self):
        """W21: the last day counts, the next does not; without a bound nobody is refused."""
        stage = {"born_until": "2015-08-31"}
        for born, refused in (("2015-08-31", False), ("2015-09-01", True), ("", True),
                              ("2010-01-01", False)):
            self.assertEqual(verify_entry.refused_by_age(stage, {"born": born}), refused, born)
        stage["born_from"] = "2014-09-01"
        for born, refused in (("2014-08-31", True), ("2014-09-01", False)):
            self.assertEqual(verify_entry.refused_by_age(stage, {"born": born}), refused, born)
        self.assertFalse(verify_entry.refused_by_age({}, {"born": ""}))

    def test_years(self):
        """The years in the primary school: the first of September still counts."""
        e = Record(year=2026)
        for since, stage, enough in (("2020-09-01", {}, True), ("2020-09-02", {}, False),
                                     ("2019-12-31", {}, True), ("2021-01-01", {}, False),
                                     ("", {}, False), ("2023-05-05", {"direct_years": 3}, True),
                                     ("2023-10-01", {"direct_years": 3}, False)):
            self.assertEqual(verify_entry.long_enough(e, stage, since), enough, since)

    def test_distance(self):
        """Metres against the same formula in floating point, within 2 m; both ways alike."""
        rng = random.Random(2)
        for _ in range(3000):
            one = [112.25 + rng.uniform(-0.5, 0.5), 31.71 + rng.uniform(-0.5, 0.5)]
            other = [112.25 + rng.uniform(-0.5, 0.5), 31.71 + rng.uniform(-0.5, 0.5)]
            if rng.random() < 0.2:
                one, other = [-one[0], -one[1]], [-other[0], -other[1]]
            points = [tuple(round(x * 10 ** 7) for x in p) for p in (one, other)]
            east = (other[0] - one[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
            expected = math.hypot(east, other[1] - one[1]) * 111195
            self.assertLess(abs(verify_entry.metres(*points) - expected), 2)
            self.assertEqual(verify_entry.metres(*points), verify_entry.metres(*points[::-1]))
        self.assertEqual(verify_entry.metres((0, 0), (0, 10 ** 7)), 111195)

    def test_cosine(self):
        """Ten-millionths of the cosine, from pole to pole."""
        for tenths in range(-900, 901):
            expected = math.cos(math.radians(tenths / 10)) * 10 ** 7
            self.assertLess(abs(verify_entry.cosine(tenths * 10 ** 6) - expected), 2)

    def test_degrees(self):
        """Degrees as whole ten-millionths."""
        for text, value in (("112.25", 1122500000), ("31", 310000000), ("-0.0000001", -1)):
            self.assertEqual(verify_entry.ten_millionths(text), value)
        for text in ("", "x", "1.23456789", "+1"):
            self.assertRaises(verify.Fault, verify_entry.ten_millionths, text)

    def test_keys(self):
        """A key that is the beginning of another comes first, whatever the lots."""
        entries = [(((2, 0, 5), 1, "a"), 1, "a"), (((2, 0), 9, "b"), 1, "b"),
                   (((1,), 9, "c"), 1, "c"), (((2, 0, 5), 0, "d"), 1, "d"),
                   (((0,), 9, "e"), 1, "e")]
        self.assertEqual(verify_entry.take(entries, 9, "admit_both"), ["e", "c", "b", "d", "a"])

    def test_numbers_in_keys(self):
        """A place drawn goes to the end of the keys of the drawn way alone; twins draw once."""
        e = Record(schools={"V": {"ownership": "private"}, "N": {"ownership": ""}},
                   drawn={("junior", "V"): ("ring", 2, 2), ("junior", "N"): ("ring", 1, 1),
                          ("primary", "V"): ("ring", 7, 7)})
        e.in_order = [Record(id=number, stage="junior", heads=1, applications=applications)
                      for number, applications in (
            ("a", [("V", "private", (0,)), ("N", "direct", (1,))]),
            ("b", [("V", "case", (0,))]), ("c", [("V", "private", (0,)), ("N", "zone", (2, 0))]),
            ("d", [("V", "private", (0,)), ("N", "feeder", (1,))]))]
        verify_entry.apply_draws(e)
        self.assertEqual([[key for _, _, key in t.applications] for t in e.in_order],
                         [[(0, 2), (1, 1)], [(0,)], [(0, 1), (2, 0)], [(0, 3), (1,)]])

    def test_choices(self):
        """Schools that she names come first among feeder and zone schools, others as they were."""
        applications = [("V", "private", (0,)), ("N", "direct", (1,)), ("A", "feeder", (2,)),
                        ("B", "feeder", (2,)), ("C", "zone", (3, 0)), ("D", "zone", (3, 0))]
        found = verify_entry.choices_first(applications, ["D", "N", "B", "X"])
        self.assertEqual([a[0] for a in found], ["V", "N", "D", "B", "A", "C"])

    def test_home_rule(self):
        """Years from the law on and within a child's time; no family is nobody's family."""
        e = Record(year=2026, policy={"home_rule": {"primary_years": 6, "junior_years": 3,
                                                    "since": 2021}})
        child = {"home": "H", "stage": "primary", "family": "F1"}
        for uses, family, since in (
                ([(2021, "F2"), (2023, "F2")], "F1", 2023), ([(2020, "F2")], "F1", None),
                ([(2026, "F2")], "F1", None), ([(2023, "F1")], "F1", None),
                ([(2023, "")], "", 2023), ([(2023, "")], "F1", 2023), ([], "F1", None)):
            e.home_uses = {("H", "primary"): uses, ("H", "junior"): [(2025, "F7")]}
            self.assertEqual(verify_entry.locked_since(e, dict(child, family=family)), since)
        e.home_uses = {("", "primary"): [(2025, "F7")], ("H", "junior"): [(2023, "F7")]}
        self.assertIsNone(verify_entry.locked_since(e, dict(child, home="")))
        self.assertIsNone(verify_entry.locked_since(e, dict(child, stage="junior")))

    def test_load_words(self):
        """red, amber, enough; nobody is no warning even without a seat."""
        e = Record(policy={})
        for children, seats, word in ((100, 100, "red"), (99, 100, "amber"), (90, 100, "amber"),
                                      (89, 100, "enough"), (0, 0, "enough"), (1, 0, "red")):
            self.assertEqual(verify_entry.load_word(e, children, seats), word)
        e.policy["seat_warning"] = {"red_percent": 110, "amber_percent": 100}
        self.assertEqual(verify_entry.load_word(e, 109, 100), "amber")


# ---------------------------------------------------------------- tiny markets, enumerated

def tiny_market(rng, heads):
    """Lists {ticket: [(school, order)]}, heads and seats."""
    schools = ["A", "B", "C"][:rng.randrange(1, 4)]
    seats = {school: rng.choice([0, 1, 1, 1, 2]) for school in schools}
    tickets = list("wxyz")[:rng.randrange(1, 5)]
    lots = dict(zip(tickets, rng.sample(range(9), len(tickets))))
    lists = {}
    for ticket in tickets:
        wanted = rng.sample(schools, rng.choice([len(schools)] * 3 + [1, 0]))
        lists[ticket] = [(school, (tuple(rng.randrange(2) for _ in range(rng.randrange(1, 3))),
                                   lots[ticket], ticket)) for school in wanted]
    return lists, {t: rng.choice(heads) for t in tickets}, seats


def is_stable(assignment, lists, heads, seats):
    """Every school would take of all who like it at least as well exactly those it has."""
    for school, left in seats.items():
        near = [(order, heads[ticket], ticket) for ticket, applications in lists.items()
                for number, (code, order) in enumerate(applications)
                if code == school and number <= assignment[ticket]]
        held = {ticket for ticket, number in assignment.items()
                if number < len(lists[ticket]) and lists[ticket][number][0] == school}
        if set(verify_entry.take(near, left, "admit_both")) != held:
            return False
    return True


class Tiny(unittest.TestCase):
    """Placing against enumeration."""

    def check(self, rng, heads):
        """One market; tells how many stable assignments it has."""
        lists, heads, seats = tiny_market(rng, heads)
        placed = verify_entry.place(lists, heads, seats, "admit_both")
        found = {ticket: placed.get(ticket, len(lists[ticket])) for ticket in lists}
        options = [range(len(lists[ticket]) + 1) for ticket in lists]
        stable = [assignment for assignment in
                  (dict(zip(lists, pick)) for pick in itertools.product(*options))
                  if is_stable(assignment, lists, heads, seats)]
        self.assertIn(found, stable)
        for assignment in stable:
            for ticket in lists:
                self.assertLessEqual(found[ticket], assignment[ticket])
        return len(stable)

    def test_student_best(self):
        """The placing is stable, and everyone's best stable assignment."""
        rng = random.Random(11)
        several = sum(self.check(rng, [1]) > 1 for _ in range(1500))
        self.assertGreater(several, 20)

    def test_student_best_with_twins(self):
        """The same with tickets of several heads under admit_both."""
        rng = random.Random(12)
        several = sum(self.check(rng, [1, 1, 2, 3]) > 1 for _ in range(1500))
        self.assertGreater(several, 20)


if __name__ == "__main__":
    unittest.main()
