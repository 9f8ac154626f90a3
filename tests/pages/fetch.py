"""Brings the node modules that the tests of the pages use, each in one version with its hash.

    python3 fetch.py FOLDER

Standard library only; no package manager, no scripts of packages.
"""

import base64
import hashlib
import io
import pathlib
import sys
import tarfile
import urllib.request

MODULES = {
    "playwright-core": (
        "1.65.1",
        "hqPpz7blSMPxWVdoeE1yiBSzXsKiVOd2k+kjCvmUywD2GPO2Dd9HfcWnq9NN0GHbNZDFgZ9JfBFr+X5/BLo0qw==",
    ),
    "jsqr": (
        "1.4.0",
        "dxLob7q65Xg2DvstYkRpkYtmKm2sPJ9oFhrhmudT1dZvNFFTlroai3AWSpLey/w5vMcLBXRgOJsbXpdN9HzU/A==",
    ),
    "axe-core": (
        "4.14.1",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    ),
}


def main():
    folder = pathlib.Path(sys.argv[1]) / "node_modules"
    for name, (version, wanted) in MODULES.items():
        if (folder / name / "package.json").exists():
            continue
        url = f"https://registry.npmjs.org/{name}/-/{name}-{version}.tgz"
        with urllib.request.urlopen(url, timeout=120) as answer:
            packed = answer.read()
        found = base64.b64encode(hashlib.sha512(packed).digest()).decode()
        if found != wanted:
            sys.exit(f"{url} is not what it was: sha512 {found}")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            for member in archive.getmembers():
                member.name = member.name.partition("/")[2]
                if member.isfile() and member.name:
                    archive.extract(member, folder / name, filter="data")


main()
