"""What a stranger's machine installs: a lock that holds everywhere, both licences, a light base."""

import tomllib
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_lock_names_one_public_index_and_no_place_on_somebody_s_machine():
    others = [package for package in LOCK["package"] if package["name"] != PROJECT["name"]]
    assert len({package["source"]["registry"] for package in others}) == 1
    assert {key for package in others for key in package["source"]} == {"registry"}
    files = [
        file for package in others for file in [*package.get("wheels", []), package.get("sdist")] if file
    ]
    assert all(file["url"].startswith("https://") and file["hash"].startswith("sha256:") for file in files)


def test_the_base_install_is_the_clinic_half_alone():
    """Follow the locked dependencies from the base install, whatever the platform."""
    needs = {
        package["name"]: {need["name"] for need in package.get("dependencies", [])}
        for package in LOCK["package"]
    }
    reached: set[str] = set()
    waiting = {PROJECT["name"]}
    while waiting:
        reached |= waiting
        waiting = set().union(*(needs[name] for name in waiting)) - reached
    assert "ai-edge-litert" in reached
    assert not reached & {"tensorflow", "tensorflow-cpu", "keras", "jax", "torch", "pandas", "scikit-learn"}


def test_both_licences_travel_with_the_package():
    assert metadata("dermdistill")["License-Expression"] == "Apache-2.0 AND CC-BY-NC-4.0"
    assert PROJECT["license-files"] == ["LICENSE", "src/dermdistill/bundles/LICENSE"]
    code, bundles = ((ROOT / name).read_text("utf-8") for name in PROJECT["license-files"])
    assert "Apache License\n                           Version 2.0, January 2004" in code
    assert "https://creativecommons.org/licenses/by-nc/4.0/legalcode" in bundles
    assert "10.7910/DVN/DBW86T" in bundles
