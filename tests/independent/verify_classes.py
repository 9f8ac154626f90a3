#!/usr/bin/env python3
"""Group a starting grade again from the inputs of its result folder and compare everything.

    python3 verify_classes.py DIR

Exit 0: everything in DIR follows from DIR/proof/input; 1: the first difference is named; 2: DIR is
no result folder. Standard library only, exact integers only. The section numbers ("C5") are those
of the folder's own proof/README.md. Nothing here was taken from the program's own code.
"""
import os
import sys
from fractions import Fraction

import verify
from chacha20 import list_hash, lot, seed_of
from verify import Fault, NoFolder, Record
from verify_entry import compare, plain, read_policy

SEXES = ["female", "male", "unknown"]


# ---------------------------------------------------------------- C1: inputs

def read(folder, name, columns):
    """Rows of an input sheet as dicts."""
    with open(os.path.join(folder, name), "rb") as handle:
        header, rows = verify.parse_sheet(handle.read(), "proof/input/" + name)
    if header != columns.split(","):
        raise Fault("proof/input/%s, row 1: expected columns %s" % (name, columns))
    rows = [dict(zip(header, map(plain, row))) for row in rows]
    keys = [row[header[0]] for row in rows]
    if keys != sorted(set(keys)):
        raise Fault("proof/input/%s: not in order, or a row stands twice" % name)
    return rows


def load(folder):
    """Read the whole of proof/input."""
    g = Record(policy=read_policy(os.path.join(folder, "class.toml")))
    g.rows = read(folder, "pupils.csv", "pupil_no,sex,source,order,figure,twins,twin_wish")
    g.teachers = [row["teacher_no"] for row in read(folder, "teachers.csv", "teacher_no")]
    g.sources = sorted({row["source"] for row in g.rows} - {""})
    g.limits = dict({"size_gap": 1, "sex_gap": 1, "source_gap": 1}, **g.policy.get("limits", {}))
    g.classes = g.policy.get("classes", -(-len(g.rows) // g.policy["class_size"]))
    return g


# ---------------------------------------------------------------- C2: list, seed, lots

def draw_of(table, lines):
    """List hash, seed and the function that gives a text its lot."""
    digest = list_hash([line.encode() for line in lines])
    seed = seed_of(digest, [part.encode() for part in table["parts"]])
    return digest, seed, lambda text: lot(seed, table.get("round", 0), text)


def pupil_line(g, row):
    """A pupil's line on the frozen list."""
    source = str(g.sources.index(row["source"])) if row["source"] else ""
    twins = "%s,%s" % (row["twin_wish"], row["twins"]) if row["twins"] else ""
    return ",".join([row["pupil_no"], row["sex"], source, row["order"], twins])


# ---------------------------------------------------------------- C3, C4: order and dealing

def in_order(g):
    """The pupils in the order of C3, with their places."""
    def key(row):
        ranked = g.policy["method"] == "serpentine" and row["order"] != ""
        return (SEXES.index(row["sex"]), not ranked, int(row["order"]) if ranked else 0,
                "" if ranked else row["source"],
                g.lot("class_groups/1 pupil " + row["pupil_no"]), row["pupil_no"])
    g.order = sorted(g.rows, key=key)
    counts = {sex: sum(row["sex"] == sex for row in g.order) for sex in SEXES}
    seen = dict.fromkeys(SEXES, 0)
    g.place = []
    for row in g.order:
        g.place.append(2 * seen[row["sex"]] + 1 - counts[row["sex"]])
        seen[row["sex"]] += 1


def deal(g):
    """C4: gives each pupil of the order a row and a class."""
    g.row, g.class_of = [], []
    sizes, rows = [0] * g.classes, 0
    present = [sex for sex in SEXES if any(row["sex"] == sex for row in g.order)]
    for s, sex in enumerate(present):
        left = sum(row["sex"] == sex for row in g.order)
        r = 0
        while left:
            turn = list(range(g.classes))
            if (r + s) % 2:
                turn.reverse()
            if left < g.classes:
                turn = sorted(turn, key=lambda c: sizes[c])[:left]
            for c in turn:
                sizes[c] += 1
                g.row.append(rows)
                g.class_of.append(c)
            left -= len(turn)
            r += 1
            rows += 1


# ---------------------------------------------------------------- C5: sources

def counts_of(g, source):
    """Pupils of a source in each class."""
    found = [0] * g.classes
    for row, c in zip(g.order, g.class_of):
        found[c] += row["source"] == source
    return found


def uneven(g, a, b):
    """Whether two classes differ by two or more in some source."""
    surplus = {}
    for row, c in zip(g.order, g.class_of):
        if c in (a, b):
            surplus[row["source"]] = surplus.get(row["source"], 0) + (1 if c == a else -1)
    return any(abs(x) > 1 for x in surplus.values())


def pairs(g, a, pupils, partner):
    """Makes partners of some pupils; gives who is left alone."""
    one = [i for i in pupils if g.class_of[i] == a]
    other = [i for i in pupils if g.class_of[i] != a]
    short = min(len(one), len(other))
    made = list(zip(one, other))
    rest = one[short:] + other[short:]
    while len(rest) > 1:
        made.append((rest.pop(0), rest.pop(0)))
    for i, j in made:
        partner[i], partner[j] = j, i
    return rest


def grouped(pupils, key):
    """Pupils by something they share, in order."""
    found = {}
    for i in pupils:
        found.setdefault(key(i), []).append(i)
    return found.values()


def divide(g, a, b):
    """C5: divides two classes anew."""
    both = [i for i, c in enumerate(g.class_of) if c in (a, b)]
    by_row, by_source = {}, {}
    alone = [i for row in grouped(both, lambda i: g.row[i]) for i in pairs(g, a, row, by_row)]
    pairs(g, a, sorted(alone), by_row)
    sex_source = grouped(both, lambda i: (g.order[i]["source"], g.order[i]["sex"]))
    alone = sorted(i for some in sex_source for i in pairs(g, a, some, by_source))
    for some in grouped(alone, lambda i: g.order[i]["source"]):
        pairs(g, a, some, by_source)
    chains, seen = [], set()
    for first in both:
        if first in seen:
            continue
        chain, waiting = {}, [(first, g.class_of[first])]
        while waiting:
            i, c = waiting.pop()
            if i in chain:
                continue
            chain[i] = c
            for partner in (by_row, by_source):
                if i in partner:
                    waiting.append((partner[i], a + b - c))
        seen.update(chain)
        weight = sum(g.place[i] if c == b else -g.place[i] for i, c in chain.items())
        chains.append((-abs(weight), first, weight, chain))
    surplus = 0
    for _, _, weight, chain in sorted(chains, key=lambda chain: chain[:2]):
        turned = abs(surplus + weight) > abs(surplus - weight)
        surplus += -weight if turned else weight
        for i, c in chain.items():
            g.class_of[i] = a + b - c if turned else c


def even_out(g):
    """C5: until nothing is uneven."""
    moved = True
    while moved:
        moved = False
        for a in range(g.classes):
            for b in range(a):
                if uneven(g, a, b):
                    divide(g, a, b)
                    moved = True


# ---------------------------------------------------------------- C6: twins

def exchange(g, i, fits):
    """Changes a twin's class with somebody's; tells whether there was one."""
    def gap_after(source, out, into):
        found = counts_of(g, source)
        found[out] -= 1
        found[into] += 1
        return max(found) - min(found)
    best = None
    for j, row in enumerate(g.order):
        if row["sex"] != g.order[i]["sex"] or row["twins"] or not fits(g.class_of[j]):
            continue
        here, there, gap = g.class_of[i], g.class_of[j], 0
        if row["source"] != g.order[i]["source"]:
            gap = max(gap_after(g.order[i]["source"], here, there),
                      gap_after(row["source"], there, here))
        if gap <= g.limits["source_gap"]:
            best = min(best or (gap, abs(i - j), j), (gap, abs(i - j), j))
    if best is None:
        return False
    j = best[2]
    g.class_of[i], g.class_of[j] = g.class_of[j], g.class_of[i]
    return True


def meet_wishes(g):
    """C6: the codes of twins whose wish is unmet."""
    unmet = []
    for code in sorted({row["twins"] for row in g.order} - {""}):
        twins = [i for i, row in enumerate(g.order) if row["twins"] == code]
        wishes = {g.order[i]["twin_wish"] for i in twins}
        met = len(wishes) == 1
        for at in range(1, len(twins)):
            if not met:
                break
            before = {g.class_of[i] for i in twins[:at]}
            together = "together" in wishes

            def fits(c, before=before, together=together):
                return (c in before) == together
            met = fits(g.class_of[twins[at]]) or exchange(g, twins[at], fits)
        if not met:
            unmet.append(code)
    return unmet


# ---------------------------------------------------------------- C7, C8 and everything

def compute(folder):
    """All sections from the inputs."""
    g = load(folder)
    p = g.policy
    lines = ["classes %d,%s,%s,%d,%d" % (g.classes, p["method"], p.get("twins", "ignore"),
                                         g.limits["source_gap"], p["lot"].get("round", 0))]
    g.list_hash, g.seed, g.lot = draw_of(p["lot"], lines + [pupil_line(g, r) for r in g.rows])
    in_order(g)
    deal(g)
    even_out(g)
    g.unmet = meet_wishes(g) if p.get("twins") == "honour" else []
    if p["method"] == "random":
        numbers = sorted(range(g.classes), key=lambda c: g.lot("class_groups/1 class %d" % c))
        g.class_of = [numbers[c] for c in g.class_of]
    g.teachers_hash = g.teachers_seed = None
    g.drawn = []
    if p.get("head_teachers", {}).get("parts"):
        lines = ["groups %d,%s" % (g.classes, g.seed.hex())]
        g.teachers_hash, g.teachers_seed, chance = draw_of(
            p["head_teachers"], lines + ["teacher " + t for t in g.teachers])
        teachers = sorted(g.teachers, key=lambda t: (chance("head_teachers/1 teacher " + t), t))
        classes = sorted(range(g.classes), key=lambda c: chance("head_teachers/1 class %d" % c))
        g.drawn = sorted(zip(classes, teachers))
    return g


# ---------------------------------------------------------------- C9: sheets

def balance_sheet(g):
    """balance.csv; raises where a limit is not kept."""
    rows, means = [], []
    spread = {"size": [], "sex": [], "source": []}
    members = [[row for row, d in zip(g.order, g.class_of) if d == c] for c in range(g.classes)]
    sources = sorted({row["source"] for row in g.rows})
    figures = any(row["figure"] for row in g.rows)
    for c, own in enumerate(members):
        tell = lambda trait, of, count, c=c: rows.append([str(c + 1), trait, of, str(count)])
        tell("size", "", len(own))
        for sex in SEXES:
            tell("sex", sex, sum(row["sex"] == sex for row in own))
        for source in sources:
            tell("source", source, sum(row["source"] == source for row in own))
        if figures:
            known = [int(row["figure"]) for row in own if row["figure"]]
            tell("figure", "sum", sum(known))
            tell("figure", "pupils", len(known))
            if known:
                means.append(Fraction(sum(known), len(known)))
    for trait in spread:
        kinds = {row[2] for row in rows if row[1] == trait}
        counts = [[int(r[3]) for r in rows if r[1] == trait and r[2] == kind] for kind in kinds]
        gap = max(max(count) - min(count) for count in counts)
        if gap > g.limits[trait + "_gap"]:
            raise Fault("classes.csv: the gap in %s is %d" % (trait, gap))
        spread[trait] = gap
    if max(map(len, members)) > g.policy["class_size"]:
        raise Fault("classes.csv: a class has more than class_size pupils")
    rows += [["gap", trait, "", str(gap)] for trait, gap in spread.items()]
    if figures:
        gap = max(means) - min(means) if len(means) > 1 else None
        if gap is not None and "mean_gap" in g.limits and gap >= Fraction(str(g.limits["mean_gap"])):
            raise Fault("classes.csv: the means differ by %s" % gap)
        told = "" if gap is None else "%d/%d" % (gap.numerator, gap.denominator)
        rows.append(["gap", "figure", "mean", told])
    return rows


def check(folder):
    """Check a whole result folder; gives the line to print, raises Fault or NoFolder."""
    inputs = os.path.join(folder, "proof", "input")
    if not os.path.isfile(os.path.join(inputs, "class.toml")):
        raise NoFolder("%s: no result folder of classes (no proof/input/class.toml)" % folder)
    manifest = verify.read_manifest(folder)
    verify.check_hashes(folder, manifest, "proof/input/")
    g = compute(inputs)
    by_number = dict(zip((row["pupil_no"] for row in g.order), g.class_of))
    compare(folder, "classes.csv", ["pupil_no", "class"],
            [[number, str(by_number[number] + 1)] for number in sorted(by_number)])
    compare(folder, "unmet_wishes.csv", ["twins"], [[code] for code in g.unmet])
    compare(folder, "teachers.csv", ["class", "teacher_no"], [[str(c + 1), t] for c, t in g.drawn])
    compare(folder, "balance.csv", ["class", "trait", "of", "count"], balance_sheet(g))
    values = {"format": "classes-proof/1", "program": "zhaosheng", "pupils": len(g.rows),
              "classes": g.classes, "list_hash": g.list_hash.hex(), "seed": g.seed.hex(),
              "round": g.policy["lot"].get("round", 0),
              "teachers_list_hash": g.teachers_hash and g.teachers_hash.hex(),
              "teachers_seed": g.teachers_seed and g.teachers_seed.hex()}
    for name, value in values.items():
        if name not in manifest or manifest[name] != value:
            raise Fault("proof/manifest.json: %s: expected %r, found %r"
                        % (name, value, manifest.get(name)))
    if set(manifest) != set(values) | {"version", "files"}:
        raise Fault("proof/manifest.json: other members than expected")
    files = verify.check_hashes(folder, manifest)
    return "verified: %d pupils in %d classes, %d head teachers, %d files" % (
        len(g.rows), g.classes, len(g.drawn), files)


def main(arguments):
    """Command line."""
    if len(arguments) != 1:
        print("usage: verify_classes.py DIR", file=sys.stderr)
        return 2

    def work():
        try:
            return [check(arguments[0])]
        except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
            raise Fault("proof/input: not usable: %s: %s" % (type(error).__name__, error)) from error

    return verify.answer(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
