"""Random entries to compulsory schools through the program, and each result through both verifiers.

    python3 cross_check_entries.py PROGRAM [ENTRIES [CHILDREN]]

Exit 1 on the first entry that a verifier refuses, or that the program refuses for another reason
than the rule of `next_single`.
"""
import os
import subprocess
import sys
import tempfile

import random_entry

HERE = os.path.dirname(os.path.abspath(__file__))


def main(program, entries=30, children=300):
    """Cross-check `entries` entries; returns the exit code."""
    verified = refused = 0
    for seed in range(1, entries + 1):
        with tempfile.TemporaryDirectory() as place:
            entry, result = os.path.join(place, "entry"), os.path.join(place, "result")
            random_entry.make(entry, seed, children)
            run = subprocess.run([program, "admit", entry, "--out", result],
                                 capture_output=True, text=True, check=False)
            if run.returncode == 1 and "next_single" in run.stderr:
                refused += 1
                continue
            checks = [subprocess.run(command + [result], capture_output=True, text=True, check=False)
                      for command in ([sys.executable, os.path.join(HERE, "verify_entry.py")],
                                      [program, "verify"])]
            if run.returncode or any(check.returncode for check in checks):
                print("entry %d: %s%s" % (seed, run.stderr, "".join(
                    check.stdout + check.stderr for check in checks)))
                return 1
            verified += 1
    print("cross-checked: %d random entries equal in both programs, %d refused by a rule"
          % (verified, refused))
    return 0 if verified > entries // 2 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
