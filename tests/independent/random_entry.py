"""Random entry folders (compulsory schools) for the tests, with fixed seeds; standard library.

    python3 random_entry.py FOLDER CHILDREN SEED

A small county near 112.25, 31.71. Every rule of `entry_readme.md` turns up in some seeds. Sections
("E6") are those of that document. The numbers of draws.csv lie between 1 and the number of tickets,
so that the lists of verify_entry.py are needed to draw them.
"""
import os
import random
import sys
from math import gcd

import reference_season
import verify
import verify_entry

YEAR = 2026
ORDER_WORDS = ["distance", "household_since", "property_since", "sibling"]
SOURCES = ["police", "housing", "newborn", "market", "social_security", "papers"]
HOME_FACTS = ["property", "public_rental", "replacement", "self_built", "limited_title"]
COLUMNS = {
    "schools.csv": "school_code name kind ownership primary_classes primary_seats "
                   "junior_classes junior_seats replacement longitude latitude",
    "zones.csv": "zone_code name stage schools text",
    "addresses.csv": "address_code text primary_zone junior_zone longitude latitude",
    "feeders.csv": "primary_code junior_code",
    "children.csv": "child_no stage name born household_address household_since "
                    "property_address property_since residence_address home family twins "
                    "primary_code primary_since private_code direct choices transfer_choices "
                    "case_code",
    "evidence.csv": "child_no fact source comparison decision reason",
    "home_uses.csv": "home stage year family",
    "draws.csv": "school_code stage protocol first step",
}


def chance(rng, share):
    """Whether something of this probability happens."""
    return rng.random() < share


def listed(values):
    """A TOML list of texts."""
    return "[%s]" % ", ".join('"%s"' % value for value in values)


# ---------------------------------------------------------------- policy (E1)

def categories(rng):
    """Random [[stage.category]] tables; the last one often takes everybody."""
    out, codes = [], []
    for number in range(rng.randrange(1, 6)):
        code = rng.choice(["K%d", "类%d", "category,%d"]) % number
        codes.append(code)
        out += ["[[stage.category]]", 'code = "%s"' % code]
        facts = rng.sample(verify_entry.FACTS[:8], 3) + rng.sample(verify_entry.FACTS, 2)
        if number == 0 and chance(rng, 0.6):
            facts = ["household", "property", "replacement"]
        if chance(rng, 0.5) or number == 0:
            out.append("all = " + listed(facts[:rng.choice([1, 1, 2])]))
        if chance(rng, 0.5):
            out.append("any = " + listed(dict.fromkeys(facts[1:rng.randrange(2, 6)])))
        if chance(rng, 0.3):
            out.append("household_in_zone = true")
        if chance(rng, 0.8):
            out.append("order = " + listed(rng.sample(ORDER_WORDS, rng.randrange(5))))
    if chance(rng, 0.6):
        codes.append("rest")
        out += ["[[stage.category]]", 'code = "rest"',
                "order = " + listed(rng.sample(ORDER_WORDS, rng.randrange(3)))]
    return out, codes


def transfer(rng, codes):
    """A random [stage.transfer]."""
    out = ["[stage.transfer]"]
    if chance(rng, 0.7):
        out.append('schools = "%s"' % rng.choice(["vacant", "vacant", "named"]))
    if chance(rng, 0.6):
        out.append("categories = " + listed(c for c in codes if chance(rng, 0.6)))
    return out


def stage_text(rng, code, size, single):
    """A random [[stage]]; gives its lines."""
    first = {"primary": 2019, "junior": 2013}[code]
    out = ["[[stage]]", 'code = "%s"' % code, "class_size = %d" % size]
    if chance(rng, 0.6):
        out.append('born_until = "%d-08-31"' % (first + 1))
    if chance(rng, 0.4):
        out.append('born_from = "%d-09-01"' % first)
    if code == "junior":
        ways = rng.sample(["direct", "feeder", "zone"], 1 if single else rng.randrange(1, 4))
        if chance(rng, 0.8) or single:
            out.append("ways = " + listed(ways))
        if chance(rng, 0.6):
            out.append("direct_years = %d" % rng.choice([6, 6, 5, 3]))
    elif chance(rng, 0.5):
        out.append('ways = ["zone"]')
    more, codes = categories(rng)
    out += more
    if chance(rng, 0.7) and not single:
        out += transfer(rng, codes)
    return out


def policy_text(rng, stages, sizes, next_single, bound):
    """A random entry.toml."""
    out = ['format = "entry/1"', 'name = "random"', "year = %d" % YEAR]
    if chance(rng, 0.6):
        order = rng.sample(["property", "household", "residence"], rng.choice([1, 2, 3, 3, 3]))
        out.append("zone_by = " + listed(order))
    if next_single:
        out.append('twins = "next_single"')
    elif chance(rng, 0.5):
        out.append('twins = "admit_both"')
    parts = ["balls %d" % rng.randrange(10 ** 6), "抽签 3 8 1", ""][:rng.randrange(1, 3)]
    out += ["[lot]", "round = %d" % rng.randrange(5000), "parts = " + listed(parts)]
    if chance(rng, 0.6):
        out += ["[home_rule]", "primary_years = %d" % rng.choice([6, 6, 5, 1]),
                "junior_years = %d" % rng.choice([3, 3, 2]),
                "since = %d" % rng.choice([2017, 2021, 2024])]
    if chance(rng, 0.5):
        out += ["[seat_warning]", "red_percent = %d" % rng.choice([100, 110, 95])]
        if chance(rng, 0.5):
            out.append("amber_percent = %d" % rng.choice([90, 60]))
    for stage in stages:
        out += stage_text(rng, stage, sizes[stage], stage in bound)
    return "\n".join(out) + "\n"


# ---------------------------------------------------------------- schools, zones, addresses

def point(rng, share=0.9):
    """Degrees of a random place, with one to seven decimals; two empty cells without one."""
    if not chance(rng, share):
        return ["", ""]
    digits = rng.choice([2, 3, 4, 4, 5, 7])
    return ["%.*f" % (digits, 112.25 + rng.uniform(-0.2, 0.2)),
            "%.*f" % (digits, 31.71 + rng.uniform(-0.2, 0.2))]


def school_rows(rng, children, stages, sizes):
    """schools.csv: kinds, private ones, replacements, tight or ample plans."""
    kinds = [("P", "primary", "public")] * (2 + children // 150)
    kinds += [("J", "junior", "public")] * (2 + children // 250)
    kinds += [("N", "nine_year", "public")] * rng.randrange(1, 3)
    kinds += [("T", "twelve_year", "public")] * rng.randrange(2)
    kinds += [("V", rng.choice(["primary", "junior", "nine_year"]), "private")
              for _ in range(rng.randrange(4))]
    rows = []
    for number, (letter, kind, ownership) in enumerate(kinds):
        code = "%s%02d" % (letter, number)
        plans = []
        for stage in ("primary", "junior"):
            if stage not in verify_entry.STAGES_OF[kind]:
                plans += ["", ""]
                continue
            share = children / len(stages) / len(kinds) * rng.choice([0.2, 0.6, 1, 1.5, 3])
            seats = max(1, min(int(share), 200 * sizes[stage]))
            classes = -(-seats // sizes[stage]) + rng.randrange(2)
            plans += [str(min(classes, 200)), str(seats)]
        rows.append([code, "学校,%d" % number, kind,
                     ownership if ownership == "private" or chance(rng, 0.8) else ""] + plans +
                    [rng.choice(["", "0", "1", "0"])] + point(rng))
    rng.shuffle(rows)
    return rows


def zone_rows(rng, schools, bound):
    """zones.csv: of one or several public schools; some schools in no zone, some in two."""
    rows = []
    for stage in verify_entry.STAGES:
        free = [s[0] for s in schools
                if s[3] != "private" and stage in verify_entry.STAGES_OF[s[2]]]
        most = 1 if stage in bound else 3
        while free and not (rows and chance(rng, 0.05)):
            members = free[:rng.randrange(1, most + 1)]
            free = free[len(members):]
            if chance(rng, 0.1):
                free.append(members[0])
            rows.append(["Z%s%d" % (stage[0], len(rows)), "划片,%d" % len(rows), stage,
                         ";".join(members), rng.choice(["", "沿河路以北"])])
    rng.shuffle(rows)
    return rows


def address_rows(rng, number, zones):
    """addresses.csv."""
    rows = []
    for n in range(number):
        row = ["A%04d" % n, rng.choice(["", "幸福路%d号" % n])]
        for stage in verify_entry.STAGES:
            codes = [z[0] for z in zones if z[2] == stage]
            row.append(rng.choice(codes) if codes and chance(rng, 0.92) else "")
        rows.append(row + point(rng))
    rng.shuffle(rows)
    return rows


def feeder_rows(rng, schools, single):
    """feeders.csv: one or several junior highs per primary school, in any order."""
    primaries = [s[0] for s in schools if "primary" in verify_entry.STAGES_OF[s[2]]]
    juniors = [s[0] for s in schools if "junior" in verify_entry.STAGES_OF[s[2]]
               and (s[3] != "private" or chance(rng, 0.2))]
    rows = []
    for primary in primaries:
        if chance(rng, 0.85):
            count = 1 if single else rng.choice([1, 1, 2, 3])
            rows += [[primary, junior] for junior in rng.sample(juniors, min(count, len(juniors)))]
    rng.shuffle(rows)
    return rows


# ---------------------------------------------------------------- children and their evidence

def day(rng, first, last):
    """A random day of some years, often the same few."""
    if chance(rng, 0.5):
        return "%d-%s" % (rng.randrange(first, last + 1), rng.choice(["09-01", "09-02", "03-01"]))
    return "%d-%02d-%02d" % (rng.randrange(first, last + 1), rng.randrange(1, 13),
                             rng.randrange(1, 29))


def birthday(rng, stage):
    """Mostly of the right age."""
    first = {"primary": 2019, "junior": 2013}[stage]
    return rng.choice(["%d-%02d-15" % (first, rng.randrange(9, 13)),
                       "%d-%02d-15" % (first + 1, rng.randrange(1, 9))] * 12 + [
        "", "%d-09-01" % first, "%d-08-31" % first, "%d-08-31" % (first + 1),
        "%d-09-01" % (first + 1)])


def child_row(rng, place, stage, single):
    """One child as a dict; place has the codes to choose from."""
    def address(share):
        return rng.choice(place.addresses) if chance(rng, share) else ""
    home = address(0.85)
    row = dict.fromkeys(COLUMNS["children.csv"].split(), "")
    row.update(stage=stage, name=rng.choice(["王小明", "欧阳静", ""]), born=birthday(rng, stage),
               household_address=home if chance(rng, 0.7) else address(0.8),
               property_address=home if chance(rng, 0.7) else address(0.6),
               residence_address=address(0.5))
    if chance(rng, 0.9):
        row["household_since"] = day(rng, 2015, 2025)
    if chance(rng, 0.8):
        row["property_since"] = day(rng, 2015, 2025)
    if chance(rng, 0.8):
        row["home"] = "H%03d" % rng.randrange(place.homes)
        row["family"] = rng.choice(["", "F1", "F2", "F3"])
    if stage == "junior" and chance(rng, 0.93):
        row["primary_code"] = rng.choice(place.nine if chance(rng, 0.4) else place.primaries)
        row["primary_since"] = day(rng, 2019, 2022) if chance(rng, 0.6) else "2020-09-01"
        row["primary_since"] = row["primary_since"] if chance(rng, 0.95) else ""
    row["direct"] = rng.choice(["1", "1", "0", ""]) if stage == "junior" else rng.choice(["", "0"])
    if chance(rng, 0.02):
        row["case_code"] = rng.choice(place.takes[stage])
    if not single:
        if place.private[stage] and chance(rng, 0.2):
            row["private_code"] = rng.choice(place.private[stage])
        if chance(rng, 0.4):
            row["choices"] = ";".join(rng.sample(place.schools, rng.randrange(1, 4)))
        if chance(rng, 0.4):
            row["transfer_choices"] = ";".join(rng.sample(place.schools, rng.randrange(1, 4)))
    return row


def evidence_rows(rng):
    """Evidence of one child, without her number; every comparison and decision turns up."""
    rows = []
    facts = {"household": 0.85, "residence_permit": 0.35, "tenancy": 0.3, "sibling": 0.2}
    facts.update(dict.fromkeys(verify_entry.FACTS[8:15], 0.08))
    wanted = [fact for fact, share in facts.items() if chance(rng, share)]
    if chance(rng, 0.7):
        wanted.append(rng.choice(["property"] * 5 + HOME_FACTS))
    for fact in wanted:
        for source in rng.sample(SOURCES, rng.choice([1, 1, 1, 2])):
            comparison = rng.choice(["match"] * 12 + ["mismatch", "not_found", "unavailable"])
            share = 0.03 if comparison == "match" else 0.6
            decision = rng.choice(["accepted", "refused"]) if chance(rng, share) else ""
            rows.append([fact, source, comparison, decision, "查过,原件" if decision else ""])
    return rows


def numbers_of(rng, count):
    """Child numbers of letters and digits whose bytewise order is not that of the sheet."""
    style = rng.randrange(3)
    if style == 0:
        return ["C%05d" % n for n in rng.sample(range(100000), count)]
    if style == 1:
        return ["%s%d" % (rng.choice("aBc"), n) for n in rng.sample(range(10 * count), count)]
    return [str(n) for n in rng.sample(range(20 * count), count)]


def child_rows(rng, count, stages, place):
    """children.csv and evidence.csv; some children are twins on one ticket."""
    children, evidence = [], []
    numbers = numbers_of(rng, count)
    group = 0
    while numbers:
        stage = rng.choice(stages)
        row = child_row(rng, place, stage, stage in place.bound)
        proofs = evidence_rows(rng)
        heads = 1
        if len(numbers) > 3 and chance(rng, place.twins[stage]):
            heads = rng.choice([2, 2, 2, 3])
            group += chance(rng, 0.8) or stage in place.used.get(group, ())
            place.used.setdefault(group, set()).add(stage)
            row["twins"] = "W%d" % group
        for _ in range(heads):
            number = numbers.pop()
            children.append(dict(row, child_no=number))
            if heads > 1 and row["home"] == "":
                children[-1]["family"] = rng.choice(["", "F1", "F9"])
            evidence += [[number] + proof for proof in proofs]
    rng.shuffle(children)
    rng.shuffle(evidence)
    return children, evidence


def draw_rows(rng, folder):
    """draws.csv: numbers that people drew for schools to which somebody applies (E6)."""
    e = verify_entry.load(folder)
    e.candidacies = {n: verify_entry.candidacy(e, child) for n, child in e.children.items()}
    verify_entry.make_tickets(e)
    verify_entry.find_drawing(e)
    rows = []
    for (stage, school), tickets in e.drawing.items():
        if chance(rng, 0.6):
            count = len(tickets)
            protocol = rng.choice(["ring", "first_and_difference"])
            steps = [step for step in range(1, count + 1)
                     if protocol == "ring" or gcd(step, count) == 1]
            rows.append([school, stage, protocol, str(rng.randrange(1, count + 1)),
                         str(rng.choice(steps))])
    rng.shuffle(rows)
    return rows


def write_sheet(folder, name, rows):
    """One sheet of the folder."""
    text = verify.sheet_text(COLUMNS[name].split(), rows)
    reference_season.write(os.path.join(folder, name), text)


def make(folder, seed, children=60):
    """Write a random, legal entry folder.

    With `next_single` there are twins only at stages where every list has one application
    (`bound`): elsewhere the program may refuse the rule.
    """
    rng = random.Random(seed)
    stages = rng.choice([["primary", "junior"]] * 3 + [["primary"], ["junior"]])
    next_single = chance(rng, 0.2)
    bound = set(stages if chance(rng, 0.6) else stages[:1]) if next_single else set()
    sizes = {"primary": 45, "junior": 50}
    sizes.update({stage: rng.choice([45, 45, 50, 40, 30, 55]) for stage in stages})
    schools = school_rows(rng, children, stages, sizes)
    zones = zone_rows(rng, schools, bound)
    addresses = address_rows(rng, children // 2 + 5, zones)
    place = verify.Record(addresses=[a[0] for a in addresses], homes=max(3, children // 3),
                          schools=[s[0] for s in schools], used={}, bound=bound)
    share = rng.choice([0.15, 0.4] if next_single else [0, 0.03, 0.15])
    place.twins = {stage: share if stage in bound or not next_single else 0 for stage in stages}
    place.takes = {stage: [s[0] for s in schools if stage in verify_entry.STAGES_OF[s[2]]]
                   for stage in verify_entry.STAGES}
    place.private = {stage: [s[0] for s in schools if s[3] == "private" and s[0] in codes]
                     for stage, codes in place.takes.items()}
    place.primaries = place.takes["primary"]
    place.nine = [s[0] for s in schools if s[2] in ("nine_year", "twelve_year")]
    people, evidence = child_rows(rng, children, stages, place)
    uses = [["H%03d" % rng.randrange(place.homes), rng.choice(verify_entry.STAGES),
             str(rng.randrange(2016, YEAR + 1)), rng.choice(["", "F1", "F2", "F8"])]
            for _ in range(rng.choice([0, children // 3, children // 3]))]
    sheets = {"schools.csv": schools, "zones.csv": zones, "addresses.csv": addresses,
              "feeders.csv": feeder_rows(rng, schools, "junior" in bound),
              "children.csv": [list(row.values()) for row in people],
              "evidence.csv": evidence, "home_uses.csv": uses}
    reference_season.write(os.path.join(folder, "entry.toml"),
                           policy_text(rng, stages, sizes, next_single, bound))
    for name, rows in sheets.items():
        write_sheet(folder, name, rows)
    if chance(rng, 0.7):
        write_sheet(folder, "draws.csv", draw_rows(rng, folder))


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[3]), int(sys.argv[2]))
