"""Holds every library that Cargo.lock names against the licences, crates and registry that .cargo/deny.toml allows.

The bounded version of `tests/supply_chain/tool deny check`, whose building takes three minutes: the same list, read
the plain way. Run from the top of the repository.
"""

import json
import re
import subprocess
import sys
import tomllib

with open(".cargo/deny.toml", "rb") as file:
    rules = tomllib.load(file)
command = ["cargo", "metadata", "--locked", "--format-version", "1", "--all-features"]
for target in rules["graph"]["targets"]:
    command += ["--filter-platform", target]
packages = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["packages"]

allowed = set(rules["licenses"]["allow"])
exceptions = {one["crate"]: set(one["allow"]) for one in rules["licenses"]["exceptions"]}
banned = {one["crate"]: one["reason"] for one in rules["bans"]["deny"]}
registries = {f"registry+{address}" for address in rules["sources"]["allow-registry"]}


def permits(expression, licences):
    """Whether an SPDX expression can be met with these licences; `A/B` is how old crates write `A OR B`."""
    words = re.findall(r"[()]|[^\s()]+(?: WITH [^\s()]+)?", expression.replace("/", " OR "))
    signs = {"(": "(", ")": ")", "OR": "or", "AND": "and"}
    return eval(" ".join(signs.get(word) or str(word in licences) for word in words))


faults = []
for package in packages:
    name, source = f"{package['name']} {package['version']}", package["source"]
    if source is None:
        continue
    if source not in registries:
        faults.append(f"{name}: comes from {source}")
    if package["name"] in banned:
        faults.append(f"{name}: is banned: {banned[package['name']]}")
    if not permits(package["license"] or "none", allowed | exceptions.get(package["name"], set())):
        faults.append(f"{name}: its licence is {package['license']}")
print("\n".join(faults) or f"{len(packages) - 1} libraries: licences, bans and sources are as .cargo/deny.toml says")
sys.exit(bool(faults))
