"""Random season folders for the tests and for measuring speed (fixed seeds, standard library).

    python3 random_season.py FOLDER CANDIDATES SEED
"""
import os
import random
import sys

import reference_season
import verify

SUBJECTS = '''
[[subject]]
code = "chinese"
full = 120
[[subject]]
code = "math"
full = 120
weight = 0.5
[[subject]]
code = "english"
full = 120
exempt = 60
[[subject.part]]
code = "written"
full = 120
weight = "0.8"
[[subject.part]]
code = "oral"
full = 30
[[subject]]
code = "sport"
full = 50
exempt = 30.5
required = %s
[[subject]]
code = "ethics"
full = 40
weight = "1.5"
grades = { A = 40, B = 32.5, C = 24 }
[[subject]]
code = "computing"
full = 10
counts = false
grades = { pass = 10, fail = 0 }
'''

TIES = [
    'by = "flag"\nflag = "priority"', 'by = "flag"\nflag = "late"\nlast = true',
    'by = "sum"\nsubjects = ["chinese", "math"]', 'by = "subject"\nsubject = "chinese"',
    'by = "total_without_bonus"', 'by = "grade"', 'by = "subject"\nsubject = "ethics"',
]

PLACINGS = ['{ kind = "parallel" }', '{ kind = "band", points = 5, from = 300 }',
            '{ kind = "sequential" }', '{ kind = "choice_bands", choices = 2 }']

# kinds of seat of the batches in order; a number n after `:` = supplementary of batch n
PLANS = [["integrated", "open", "open:1,2"], ["quota", "open", "open:1,2"],
         ["quota", "pool", "open", "open:3"], ["open", "quota", "open:1"],
         ["integrated", "integrated:1"], ["integrated"], ["pool", "integrated", "quota:1,2"]]


def policy_text(rng, plan):
    """A random season.toml."""
    out = ['format = "season/1"', 'name = "random"', 'year = 2026', 'quality_grades = ["A", "B", "C", "D"]', "[score]",
           'rounding = "%s"' % rng.choice(["none", "half_up"]), "decimals = %d" % rng.randrange(3),
           'exam_record = "%s"' % rng.choice(["any", "any", "all"])]
    if rng.random() < 0.7:
        out.append("bonus_cap = 7.5")
    out.append(SUBJECTS % rng.choice(["true", "false"]))
    for tie in rng.sample(TIES, rng.randrange(len(TIES) + 1)):
        out.append("[[tie]]\n" + tie)
    out.append('[lot]\nround = %d\nparts = ["balls %d", "secret 抽签"]'
               % (rng.randrange(5000), rng.randrange(10 ** 6)))
    out += quota_text(rng, any(kinds[:4] in ("quot", "pool") for kinds in plan))
    for number, kinds in enumerate(plan, 1):
        out += batch_text(rng, number, kinds)
    return "\n".join(out) + "\n"


def quota_text(rng, needed):
    """A random [quota] table, sometimes none where no batch needs it."""
    if rng.random() < 0.1 and not needed:
        return []
    out = ["[quota]", 'share = %s' % rng.choice(['"0.6"', "0.65"]),
           'method = "%s"' % rng.choice(["largest_remainder"] * 3 + [
               "sainte_lague", "dhondt", "half_up", "floor"]),
           'per = "%s"' % ("matrix" if rng.random() < 0.1 else "programme"),
           'weight = "%s"' % rng.choice(["eligible", "graduates", "intake"]),
           "use_factor = %s" % rng.choice(["true", "false"]),
           "minimum = %d" % rng.choice([0, 0, 0, 0, 0, 1]),
           'cap = "%s"' % rng.choice(["none", "eligible"]), "[quota.eligibility]"]
    if rng.random() < 0.7:
        out.append('register_by = "2023-10-01"')
        out.append('transfer_register_by = "2024-09-30"')
    if rng.random() < 0.5:
        out.append('late_transfer_after = "2025-01-01"')
    if rng.random() < 0.3:
        out.append("local_only = true")
    if rng.random() < 0.5:
        out.append('refuse_flags = ["chosen_school"]\nquality_at_least = "C"')
    return out


def batch_text(rng, number, kinds):
    """A random [[batch]]."""
    kind, _, after = kinds.partition(":")
    out = ["[[batch]]", 'code = "%d"' % number, 'seats = "%s"' % kind,
           "placing = " + rng.choice(PLACINGS), "max_choices = 30"]
    style = rng.randrange(6)
    if style == 0 and kind == "integrated":
        out += ["relative_gate = %d" % rng.choice([0, 20, 60]),
                'precedence = "%s"' % rng.choice(["quota_first", "open_first"])]
        out[3] = "placing = " + PLACINGS[0]
    elif 0 < style < 3:
        out += ['precedence = "open_first"', 'reversion = "%s"' % rng.choice(["open", "none"])]
    else:
        out.append('reversion = "%s"' % rng.choice(["open", "county_pool", "none"]))
    if after:
        out.append("supplementary_of = [%s]" % ", ".join('"%s"' % a for a in after.split(",")))
    if rng.random() < 0.5:
        out.append("control_line = 150\ncontrol_line_by_area = { A2 = 140.5 }")
    else:
        out.append("control_line = 0")
    if rng.random() < 0.2:
        out.append('quality_at_least = "C"')
    if rng.random() < 0.2:
        out.append('[[batch.subject_gate]]\nsubject = "computing"\nat_least = 10')
    return out


def schools(rng, juniors, programmes, size, plan):
    """Areas, schools and programmes."""
    areas = ["A1", "A2", "A3"]
    batches = [str(n) for n, kinds in enumerate(plan, 1) if ":" not in kinds]
    junior_rows = [["J%02d" % n, "初中%d" % n, rng.choice(areas), "public", "0",
                    rng.choice(["", str(rng.randrange(5, 50))]), str(rng.randrange(1, 50)),
                    rng.choice(["", "1.1", "0.95"]), ""] for n in range(juniors)]
    senior_rows, programme_rows = [], []
    for n in range(programmes):
        high = n % 2
        senior_rows.append(["S%02d" % n, "高中,%d" % n, rng.choice(areas), "public", str(high)])
        seats = max(1, rng.randrange(size // (2 * programmes), 1 + size * 3 // (2 * programmes)))
        offered = rng.sample(batches, rng.randrange(1, len(batches) + 1)) if n else batches
        programme_rows.append([
            "P%02d" % n, "S%02d" % n, "班", ";".join(sorted(offered)), str(seats),
            "0.7" if high and rng.random() < 0.3 else "0.25" if not high and n % 4 == 0 else "",
            rng.choice(["*", "*", "", "A1;A2"]), rng.choice(["", "", "200"]),
            rng.choice(["", "", "180.5"]), rng.choice(["", "", str(max(1, seats - 1))])])
    return areas, junior_rows, senior_rows, programme_rows


def candidate_rows(rng, number, areas, junior_rows):
    """candidates.csv and scores.csv."""
    people, scores = [], []
    step = rng.choice([1, 20]) if number < 1000 else 1
    for n in range(number):
        exam_no = "26%06d" % (n * 7 % 10 ** 6) if number < 10 ** 5 else "26%07d" % n
        junior = rng.choice(junior_rows)
        flags = [f for f in ("priority", "late", "chosen_school", "legal_transfer")
                 if rng.random() < 0.12]
        people.append([
            exam_no, "姓名", "", junior[0] if rng.random() < 0.95 else "",
            junior[2] if rng.random() < 0.9 else rng.choice(areas),
            rng.choice(["2023-09-01"] * 6 + ["", "2023-10-02", "2024-09-01", "2025-03-01"]),
            rng.choice("11111110"), rng.choice("0000000001"), rng.choice("1110"),
            rng.choice(["", "", "5", "5;10", "2.5"]),
            rng.choice(["A", "B", "C", "A", "B", "C", "D", ""]),
            ";".join(flags)])
        if rng.random() < 0.97:
            scores.append([exam_no] + marks(rng, step))
    return people, scores


def marks(rng, step):
    """A row of marks, coarse so that ties are frequent."""
    def odd(value, words):
        return rng.choice(words) if rng.random() < 0.015 else value
    level = rng.randrange(40, 120, step)
    return [odd(str(min(120, level // 5 * 5)), ["absent", "void"]),
            odd(str(level // 10 * 10), ["absent"]),
            odd(str(min(90, level)) + rng.choice(["", ".5"]), ["absent", "exempt"]),
            odd(rng.choice(["10", "20"]), ["absent"]),
            odd(rng.choice(["30", "40"]), ["exempt", "absent"]),
            odd(rng.choice("ABC"), ["absent"]),
            odd(rng.choice(["pass"] * 6 + ["fail"]), ["void"])]


def preference_rows(rng, people, programme_rows, plan, choices):
    """preferences.csv: lists with a common taste."""
    rows = []
    for number, kinds in enumerate(plan, 1):
        names = set(kinds.partition(":")[2].split(",")) if ":" in kinds else {str(number)}
        offered = [p[0] for p in programme_rows if names & set(p[3].split(";"))]
        for person in people:
            if rng.random() < 0.08:
                continue
            mine = sorted(offered, key=lambda p: int(p[1:]) * 0.3 + rng.random() * len(offered))
            position = 0
            for code in mine[:rng.randrange(1, choices + 1)]:
                position += 1 if rng.random() < 0.95 else 2
                rows.append([person[0], str(number), str(position), code])
    rng.shuffle(rows)
    return rows


def make(folder, seed, candidates=60, juniors=5, programmes=5, choices=4):
    """Write a season input folder."""
    rng = random.Random(seed)
    plan = PLANS[seed % len(PLANS)]
    areas, junior_rows, senior_rows, programme_rows = schools(
        rng, juniors, programmes, candidates, plan)
    people, scores = candidate_rows(rng, candidates, areas, junior_rows)
    reference_season.write(os.path.join(folder, "season.toml"), policy_text(rng, plan))

    def sheet(name, header, rows):
        content = verify.sheet_text(header, rows)
        reference_season.write(os.path.join(folder, name), content)
    columns = {name: text.split() for name, text in verify.SHEETS.items() if text}
    sheet("areas.csv", columns["areas.csv"], [[a, "区" + a, ""] for a in areas])
    sheet("junior_schools.csv", columns["junior_schools.csv"], junior_rows)
    sheet("senior_schools.csv", columns["senior_schools.csv"], senior_rows)
    sheet("programmes.csv", columns["programmes.csv"], programme_rows)
    if rng.random() < 0.6:
        pairs = {(rng.choice(programme_rows)[0], rng.choice(junior_rows)[0]) for _ in range(3)}
        sheet("quota.csv", columns["quota.csv"],
              [[p, j, str(rng.randrange(3)), "批文,1号"] for p, j in sorted(pairs)])
    names = columns["candidates.csv"]
    sheet("candidates.csv", names[:1] + ["name", "id_no"] + names[1:], people)
    sheet("scores.csv", "exam_no chinese math english.written english.oral sport ethics "
          "computing".split(), scores)
    sheet("preferences.csv", columns["preferences.csv"],
          preference_rows(rng, people, programme_rows, plan, choices))
    return plan


if __name__ == "__main__":
    size = int(sys.argv[2])
    make(sys.argv[1], int(sys.argv[3]), size, 2 + size // 150, 4 + size // 400, 12)
