#!/usr/bin/env python3
"""Build a complete result folder from a season input folder with the code of verify.py.

    python3 reference_season.py SEASON_FOLDER RESULT_FOLDER

For testing verify.py while (and without) the program itself; sections as in verify.py.
"""
import hashlib
import json
import os
import shutil
import sys

import verify


def write(path, content):
    """Write text or bytes, making folders."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as handle:
        handle.write(content if isinstance(content, bytes) else content.encode())


def copy_sheet(source, target, name, header):
    """One input sheet with exactly the columns of R1: personal ones dropped, absent ones empty."""
    path = os.path.join(source, name)
    if not os.path.exists(path):
        return
    with open(path, "rb") as handle:
        found, rows = verify.parse_sheet(handle.read(), name)
    entries = [dict(zip(found, row)) for row in rows]
    rows = [[entry.get(column, "") for column in header] for entry in entries]
    write(os.path.join(target, name), verify.sheet_text(header, rows))


def copy_input(source, target):
    """proof/input (R1)."""
    os.makedirs(target, exist_ok=True)
    shutil.copyfile(os.path.join(source, "season.toml"), os.path.join(target, "season.toml"))
    policy = verify.read_policy(os.path.join(source, "season.toml"))
    for name, columns in verify.SHEETS.items():
        header = columns.split() if columns else ["exam_no"] + verify.score_columns(policy)
        copy_sheet(source, target, name, header)


def write_manifest(folder, values):
    """proof/manifest.json with the hashes of all other files (R11)."""
    files = {}
    for name in verify.files_of(folder):
        if name != "proof/manifest.json":
            with open(os.path.join(folder, name), "rb") as handle:
                files[name] = hashlib.sha256(handle.read()).hexdigest()
    manifest = dict(values, files=files)
    write(os.path.join(folder, "proof", "manifest.json"), json.dumps(manifest, indent=1) + "\n")


def plain_cells(inputs):
    """quota.csv by largest remainder and cap alone: something with right margins where
    verify.py does not recompute the apportionment."""
    s = verify.load(inputs)
    if "quota" not in s.policy:
        return []
    verify.compute_totals(s)
    verify.compute_eligibility(s)
    s.policy["quota"].update(per="programme", method="largest_remainder", minimum=0)
    weights, eligible = verify.junior_weights(s)
    s.cells = {code: verify.expected_cells(s, programme, weights, eligible)
               for code, programme in s.programmes.items()}
    return verify.quota_sheet(s)[1]


def build(source, folder):
    """The whole result folder."""
    inputs = os.path.join(folder, "proof", "input")
    copy_input(source, inputs)
    quota = os.path.join(folder, "quota.csv")
    header = verify.SHEETS["quota.csv"].split()
    write(quota, verify.sheet_text(header, plain_cells(inputs)))
    season = verify.compute(inputs, quota)
    for name, make in verify.OUTPUTS.items():
        write(os.path.join(folder, name), verify.sheet_text(*make(season)))
    write_manifest(folder, dict(verify.manifest_values(season), version="0.0.0"))
    return season


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: reference_season.py SEASON_FOLDER RESULT_FOLDER")
    try:
        build(sys.argv[1], sys.argv[2])
    except verify.Fault as error:
        sys.exit("refused: %s" % error)
