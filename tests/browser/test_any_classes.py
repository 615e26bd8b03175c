"""Bundles of two classes and of eleven on the page: bars, names and plain words are the bundle's own."""

import pytest
from playwright.sync_api import expect

from dermdistill.bundle import load_bundle_spec

from .clinic import bars, look_at, picture_file, unguarded_bundle
from .engine import ask_engine, prepare
from .server import serving


@pytest.fixture(scope="module", params=["bundle_of_two", "bundle_of_eleven"])
def bundle_dir(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def server(bundle_dir, tmp_path_factory):
    unguarded = unguarded_bundle(tmp_path_factory.mktemp("unguarded") / bundle_dir.name, bundle_dir)
    with serving("--bundle", str(unguarded)) as server:
        yield server


def test_the_page_shows_the_classes_of_the_bundle(page, bundle_dir):
    spec = load_bundle_spec(bundle_dir)
    picture = picture_file("mel", 3)
    look_at(page, picture)
    assert prepare(page)["engine"] == "device"
    given = ask_engine(page, picture["buffer"])
    assert set(given["probabilities"]) == set(spec.codes)
    chosen = spec.classes[spec.codes.index(given["diagnosis"])]
    assert (given["name"], given["plain"], given["risk"], given["key"]) == (
        *(chosen.name, chosen.plain, chosen.risk),
        chosen.key,
    )
    assert len(bars(page)) == len(spec.classes)
    names = page.locator(".answer .bars").text_content()  # folded away
    assert [entry.name for entry in spec.classes if entry.name not in names] == []


def test_spanish_names_are_found_by_key(page, bundle_dir):
    look_at(page, picture_file("nv", 2))
    page.select_option("#language", "es")
    wanted = {"of_2": ["Nevo melanocítico"], "of_11": ["Otra lesión benigna", "Carcinoma basocelular"]}
    for name in wanted[load_bundle_spec(bundle_dir).name]:
        expect(page.locator(".answer .bars")).to_contain_text(name)
    expect(page.locator(".answer .bars")).not_to_contain_text("Melanocytic naevus")
