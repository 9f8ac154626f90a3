"""Random grades through the program, and each result through both verifiers.

    python3 cross_check_classes.py PROGRAM [GRADES]

Exit 1 on the first grade that is not grouped alike by both programs.
"""
import os
import random
import subprocess
import sys
import tempfile

from reference_season import write
from verify import sheet_text

HERE = os.path.dirname(os.path.abspath(__file__))


def make(folder, seed):
    """A random grade: few sources or many, ranked or not, twins who agree or not."""
    rng = random.Random(seed)
    heads, classes = rng.randrange(1, 400), rng.randrange(1, 13)
    sources = rng.choice([1, 3, 40])
    size = -(-heads // classes)
    policy = ['method = "%s"' % rng.choice(["random", "serpentine"])]
    if size > 55 or rng.random() < 0.3:
        policy.append("class_size = 55")
        classes = None
    else:
        policy += ["class_size = %d" % size, "classes = %d" % classes]
    if rng.random() < 0.7:
        policy.append('twins = "honour"')
    policy += ['lot = { parts = ["balls %d", "抽签"], round = %d }'
               % (rng.randrange(10 ** 6), rng.randrange(50)), "limits.source_gap = 3"]
    teachers = ["t%02d" % n for n in range(rng.choice([0, 3, 8, 15]))]
    if teachers and rng.random() < 0.8:
        policy.append('head_teachers.parts = ["%d"]' % rng.randrange(10 ** 9))
    rows = []
    for number in rng.sample(range(10 ** 5), heads):
        twin = rng.random() < 0.08
        rows.append(["p%d" % number, rng.choice(["F", "M", "男", "女", "1", "", "unknown"]),
                     rng.choice(["", "S%02d" % rng.randrange(sources)] + ["S00"] * 2),
                     str(rng.randrange(300)) if rng.random() < 0.7 else "",
                     str(rng.randrange(5000)) if rng.random() < 0.8 else "",
                     "T%d" % rng.randrange(6) if twin else "",
                     rng.choice(["together"] * 3 + ["apart"]) if twin else ""])
    codes = [row[5] for row in rows]
    for row in rows:
        if codes.count(row[5]) < 2:
            row[5] = row[6] = ""
    write(os.path.join(folder, "class.toml"), "\n".join(policy) + "\n")
    header = "pupil_no,sex,source,order,figure,twins,twin_wish".split(",")
    write(os.path.join(folder, "pupils.csv"), sheet_text(header, rows))
    if teachers:
        rng.shuffle(teachers)
        write(os.path.join(folder, "teachers.csv"), sheet_text(["teacher_no"], [[t] for t in teachers]))


def main(program, grades=10):
    """Cross-check `grades` grades; returns the exit code."""
    for seed in range(1, grades + 1):
        with tempfile.TemporaryDirectory() as place:
            grade, result = os.path.join(place, "grade"), os.path.join(place, "result")
            make(grade, seed)
            runs = [subprocess.run(command, capture_output=True, text=True, check=False)
                    for command in ([program, "classes", grade, "--out", result],
                                    [sys.executable, os.path.join(HERE, "verify_classes.py"), result],
                                    [program, "verify", result])]
            if any(run.returncode for run in runs):
                print("grade %d: %s" % (seed, "".join(run.stdout + run.stderr for run in runs)))
                return 1
    print("cross-checked: %d random grades grouped alike by both programs" % grades)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
