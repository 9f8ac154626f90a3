"""Holds an SBOM against `cargo tree --format '{p}|{l}'` (from standard input) and Cargo.lock.

Every package that cargo builds in stands in it, with its version, its licence and the checksum of the lock file; none
stands there that the lock file does not know. Exit 1 with every difference.
"""

import json
import pathlib
import re
import sys
import tomllib

OWN = "zhaosheng"


def told(component):
    """Name and version, and what the SBOM says of them."""
    licence = (component.get("licenses") or [{}])[0]
    licence = licence.get("expression") or licence.get("license", {}).get("id")
    hashes = {one["alg"]: one["content"] for one in component.get("hashes", [])}
    return (component["name"], component["version"]), (spelt(licence or ""), hashes.get("SHA-256"))


def spelt(licence):
    """A licence as SPDX spells it: the old sign between two of them is OR."""
    return " ".join(licence.replace("/", " OR ").split())


def main(path):
    listed = dict(told(component) for component in json.loads(pathlib.Path(path).read_text())["components"])
    lock = tomllib.loads(pathlib.Path("Cargo.lock").read_text())["package"]
    checksums = {(one["name"], one["version"]): one.get("checksum") for one in lock}
    wrong, built = [], 0
    for line in sys.stdin:
        package, licence = line.rstrip("\n").split("|")
        name, version = re.match(r"(\S+) v(\S+)", package).groups()
        if name == OWN:
            continue
        built += 1
        expected = (spelt(licence), checksums[name, version])
        found = listed.get((name, version))
        if found != expected:
            wrong.append(f"{name} {version}: {found}, should be {expected}")
    wrong += [f"{name} {version}: is not in Cargo.lock" for name, version in listed if (name, version) not in checksums]
    for text in wrong:
        print(text)
    print(f"{path}: {len(listed)} libraries, {built} that cargo builds in, {len(wrong)} differences")
    return 1 if wrong or not built else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
