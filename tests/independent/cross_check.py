"""Random seasons through the program, and each result through the independent verifier.

    python3 cross_check.py PROGRAM [SEASONS [CANDIDATES]]

Exit 1 on the first season that the verifier refuses, or that the program refuses for another
reason than a rule of the quota (the generator now and then asks for more than a quota has).
"""
import os
import subprocess
import sys
import tempfile

import random_season

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = ("SX22 6.2", "DP3", "DP10")


def main(program, seasons=30, candidates=400):
    """Cross-check `seasons` seasons; returns the exit code."""
    verified = refused = 0
    for seed in range(1, seasons + 1):
        with tempfile.TemporaryDirectory() as place:
            season, result = os.path.join(place, "season"), os.path.join(place, "result")
            random_season.make(season, seed, candidates, 2 + candidates // 150,
                               4 + candidates // 400, 12)
            run = subprocess.run([program, "admit", season, "--out", result],
                                 capture_output=True, text=True, check=False)
            if run.returncode == 1 and all(any(rule in line for rule in RULES)
                                           for line in run.stderr.splitlines()):
                refused += 1
                continue
            check = subprocess.run([sys.executable, os.path.join(HERE, "verify.py"), result],
                                   capture_output=True, text=True, check=False)
            if run.returncode or check.returncode:
                print("season %d: %s%s%s" % (seed, run.stderr, check.stdout, check.stderr))
                return 1
            verified += 1
    print("cross-checked: %d random seasons equal in both programs, %d refused by a quota rule"
          % (verified, refused))
    return 0 if verified > seasons // 2 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
