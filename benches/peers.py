#!/usr/bin/env python3
"""Our matching beside programs that others use for the same: the same markets, in one run, the same answer.

    benches/peers.py [--sizes 1000,2000,10000] [--limit 300] [--ours PROGRAM]

Peers are `matching` (Wilde, Knight, Gillard) and `algmatch` (Glasgow), installed from PyPI into target/peers, and what
one writes in Python in an afternoon (`afternoon`, below: deferred acceptance with a heap for each school). Markets come
from ../shared/perf/gen (kind `mixed`), which also holds the yardstick `da`; both are compiled where they are missing.
Ours is the bench `matching`: the newest in target/release/deps, else it is built; --ours names another program.

A peer gets what it wants to get (dictionaries, ranked lists); making those is not counted, but everything that it does
itself with them is: objects, ranks, checks, solving. Times are the processor's (the median of the runs), for other work
on the machine spoils any other. A market that a peer does not finish in --limit seconds is told so.
Every answer is compared student by student with the yardstick's plain kernel. Exit 0; 1 when one differs; 3 when
something is missing here. YARDSTICK_PERF names another folder of gen.cpp and da.cpp.
"""

import argparse
import heapq
import json
import os
import pathlib
import resource
import statistics
import struct
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PERF = pathlib.Path(os.environ.get("YARDSTICK_PERF", ROOT.parent / "shared" / "perf"))
WORK = ROOT / "target" / "yardstick"
PYTHON = ROOT / "target" / "peers" / "bin" / "python"
INSTALLED = ["matching==1.4.3", "algmatch==1.5.2"]
NOBODY = 0xFFFFFFFF
# Runs of a program that is done within this many seconds; slower ones run once.
RUNS, QUICK_S = 5, 5
# Of the compiled ones.
REPEATS = 201


class Market:
    """A DAM01 file: lists of the students, and each school's order of those who list it, best first."""

    def __init__(self, path):
        data = path.read_bytes()
        magic, _, students, schools, entries, counties, _, _ = struct.unpack_from("<8Q", data)
        assert magic == 0x31304D4144, f"{path} is no market"
        at = 64

        def column(sign, count):
            nonlocal at
            numbers = struct.unpack_from(f"<{count}{sign}", data, at)
            at += (struct.calcsize(f"<{count}{sign}") + 7) // 8 * 8
            return numbers

        column("I", counties + 1), column("I", counties + 1)
        self.seats = list(column("I", schools))
        start = column("Q", students + 1)
        listed, score = column("I", entries), column("H", entries)
        first, second, lot = column("H", students), column("H", students), column("I", students)
        self.lists = [list(listed[start[i] : start[i + 1]]) for i in range(students)]
        ranked = [[] for _ in range(schools)]
        for i in range(students):
            for entry in range(start[i], start[i + 1]):
                ranked[listed[entry]].append((-score[entry], -first[i], -second[i], -lot[i], i))
        self.ranked = [[key[-1] for key in sorted(keys)] for keys in ranked]


def matching(market):
    from matching.games import HospitalResident

    listed = {school for list_ in market.lists for school in list_}
    students = {f"s{i}": [f"h{school}" for school in list_] for i, list_ in enumerate(market.lists)}
    schools = {f"h{at}": [f"s{i}" for i in market.ranked[at]] for at in listed}
    seats = {f"h{at}": market.seats[at] for at in listed}
    began = time.process_time()
    solution = HospitalResident.create_from_dictionaries(students, schools, seats).solve(optimal="resident")
    took = time.process_time() - began
    answer = [NOBODY] * len(market.lists)
    for school, held in solution.items():
        for student in held:
            answer[int(student.name[1:])] = int(school.name[1:])
    return took, answer


def algmatch(market):
    from algmatch import HospitalResidentsProblem

    listed = sorted({school for list_ in market.lists for school in list_})
    residents = {i + 1: [school + 1 for school in list_] for i, list_ in enumerate(market.lists)}
    hospitals = {
        at + 1: {"capacity": market.seats[at], "preferences": [i + 1 for i in market.ranked[at]]} for at in listed
    }
    began = time.process_time()
    problem = HospitalResidentsProblem(dictionary={"residents": residents, "hospitals": hospitals})
    solution = problem.get_stable_matching()
    took = time.process_time() - began
    answer = [NOBODY] * len(market.lists)
    for student, school in solution["resident_sided"].items():
        if school:
            answer[int(str(student).lstrip("r")) - 1] = int(str(school).lstrip("h")) - 1
    return took, answer


def afternoon(market):
    began = time.process_time()
    rank = [{student: place for place, student in enumerate(order)} for order in market.ranked]
    answer, at = [NOBODY] * len(market.lists), [0] * len(market.lists)
    held = [[] for _ in market.seats]
    free = list(range(len(market.lists)))
    while free:
        student = free.pop()
        if at[student] == len(market.lists[student]):
            continue
        school = market.lists[student][at[student]]
        at[student] += 1
        answer[student] = school
        heapq.heappush(held[school], (-rank[school][student], student))
        if len(held[school]) > market.seats[school]:
            _, left = heapq.heappop(held[school])
            answer[left] = NOBODY
            free.append(left)
    return time.process_time() - began, answer


PEERS = {"matching": matching, "algmatch": algmatch, "afternoon": afternoon}


def peer(name, path):
    """Runs in a process of its own: milliseconds, memory that solving took, the answer."""
    market = Market(pathlib.Path(path))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took, answer = PEERS[name](market)
    runs = [took]
    while took < QUICK_S and len(runs) < RUNS:
        runs.append(PEERS[name](market)[0])
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    json.dump({"ms": statistics.median(runs) * 1e3, "kib": kib, "answer": answer}, sys.stdout)


def missing(why):
    print(f"peers: {why}", file=sys.stderr)
    sys.exit(3)


def called(*command):
    ended = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    if ended.returncode != 0:
        missing(f"{command[0]} ended with {ended.returncode}")
    return ended.stdout


def prepare():
    WORK.mkdir(parents=True, exist_ok=True)
    if not (PERF / "gen.cpp").is_file():
        missing(f"no folder {PERF} with gen.cpp and da.cpp")
    for name, flags in {"gen": [], "da": ["-march=native", "-pthread"]}.items():
        if not (WORK / name).is_file():
            called("g++", "-O3", *flags, "-o", WORK / name, PERF / f"{name}.cpp")
    if not PYTHON.is_file():
        called(sys.executable, "-m", "venv", PYTHON.parent.parent)
        called(PYTHON, "-m", "pip", "install", "-q", *INSTALLED)


def newest_bench():
    def built():
        found = (ROOT / "target" / "release" / "deps").glob("matching-*")
        return sorted((path for path in found if not path.suffix), key=lambda path: path.stat().st_mtime)

    if not built():
        called("cargo", "bench", "--locked", "--quiet", "--bench", "matching", "--no-run")
    return built()[-1]


def yardstick(path, variant):
    """Milliseconds of processor time and the checksum, as `da` prints them."""
    for line in called(WORK / "da", path, REPEATS, variant).splitlines():
        words = line.split()
        if words and words[0] == variant:
            return float(words[words.index("cpu-median") + 1]), words[words.index("fnv") + 1]
    missing(f"da knows no {variant}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--sizes", default="1000,2000,10000")
    arguments.add_argument("--limit", type=float, default=300)
    arguments.add_argument("--ours", type=pathlib.Path)
    arguments = arguments.parse_args()
    prepare()
    ours = (arguments.ours or newest_bench()).resolve()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    rows, wrong = [], False
    for size in sizes:
        path = WORK / f"mixed_{size}.dam"
        if not path.is_file():
            called(WORK / "gen", path, size)
        expected = path.with_suffix(".ref")
        called(WORK / "da", path, 1, "plain", expected)
        expected = list(struct.unpack(f"<{size}I", expected.read_bytes()))
        best, checksum = yardstick(path, "cbucket_best")
        plain, _ = yardstick(path, "plain")
        words = called(ours, "--dam", path, "--runs", REPEATS).split()
        own, own_checksum = float(words[3]), words[-1]
        wrong |= own_checksum != checksum
        same = "same" if own_checksum == checksum else "DIFFERENT"
        rows.append((size, "ours (Rust, safe)", own, 1.0, "", same))
        rows.append((size, "yardstick `cbucket_best` (C++)", best, best / own, "", "same"))
        rows.append((size, "`plain`: a heap for each school (C++)", plain, plain / own, "", "same"))
        for name in PEERS:
            try:
                told = subprocess.run(
                    [PYTHON, __file__, "--peer", name, path], stdout=subprocess.PIPE, timeout=arguments.limit, check=True
                )
            except subprocess.TimeoutExpired:
                rows.append((size, f"`{name}` (Python)", None, arguments.limit * 1e3 / own, "", "not finished"))
                continue
            told = json.loads(told.stdout)
            same = told["answer"] == expected
            wrong |= not same
            ratio = told["ms"] / own
            memory = f"{told['kib'] / 1024:.0f} MiB"
            rows.append((size, f"`{name}` (Python)", told["ms"], ratio, memory, "same" if same else "DIFFERENT"))
    print("| students | program | ms | times ours | memory of the solver | matching |\n|---|---|---|---|---|---|")
    for size, name, ms, ratio, memory, same in rows:
        ms = f"> {arguments.limit * 1e3:,.0f}" if ms is None else f"{ms:,.3f}" if ms < 100 else f"{ms:,.0f}"
        ratio = f"{ratio:.2f}" if ratio < 1 else f"{float(f'{ratio:.2g}'):,.1f}".removesuffix(".0")
        print(f"| {size:,} | {name} | {ms} | {ratio} | {memory} | {same} |")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer(*sys.argv[2:])
    else:
        main()
