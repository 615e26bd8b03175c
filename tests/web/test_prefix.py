"""Everything below a path of its own, whether a proxy keeps the path or takes it off."""

import json
from io import BytesIO

import pytest

from dermdistill.web import create_app
from dermdistill.web.prefix import PrefixError

from .conftest import Client


@pytest.fixture
def below(engine):
    return Client(create_app(engine=engine, prefix="/derm"))


@pytest.mark.parametrize(
    "path", ["/api/v1/health", "/v2/health/ready", "/bundle/bundle.json", "/assets/main.js", "/"]
)
@pytest.mark.parametrize("prefix", ["/derm", ""])
def test_it_answers_with_and_without_the_prefix(below, path, prefix):
    assert below.get(prefix + path).status_code == 200


def test_the_prefix_without_a_slash_leads_to_the_page(below):
    response = below.get("/derm")
    assert (response.status_code, response.headers["Location"]) == (308, "/derm/")


def test_what_the_server_names_lies_below_the_prefix(below):
    first = below.get("/derm/service-worker.js").text.split("\n", 1)[0]
    files = json.loads(first.removeprefix("self.STUDENT = ").removesuffix(";"))["files"]
    assert files
    for address in files:
        assert address.startswith("/derm/bundle/")
        assert below.get(address).status_code == 200
    assert "/derm/api/v1/predict" in below.get("/derm/api/v1/docs").text


def test_the_page_and_its_manifest_name_nothing_at_the_top(below):
    for path in ("/derm/", "/derm/assets/manifest.json"):
        text = below.get(path).text
        assert '"/' not in text.replace('"/>', "")


def test_pictures_are_answered_and_errors_keep_their_form(below, jpeg):
    data = {"image": (BytesIO(jpeg), "a.jpg")}
    assert below.post("/derm/api/v1/predict", data=data).status_code == 200
    assert below.get("/derm/api/v1/none").mimetype == "application/problem+json"
    assert list(below.get("/derm/v2/none").get_json()) == ["error"]


def test_a_path_that_only_begins_alike_is_not_below(below):
    assert below.get("/dermatology/api/v1/health").status_code == 404


def test_a_server_may_set_script_name_itself(client, engine, monkeypatch):
    response = client.get("/service-worker.js", environ_overrides={"SCRIPT_NAME": "/derm"})
    assert "/derm/bundle/" in response.text
    monkeypatch.setenv("SCRIPT_NAME", "/clinic")
    assert create_app(engine=engine).prefix == "/clinic"


@pytest.mark.parametrize("prefix", ["derm", "/derm/", "//evil.example", "/../x", "/a b", "/<x>", "/a//b"])
def test_what_is_no_path_is_refused(engine, prefix):
    with pytest.raises(PrefixError, match="write it like /derm"):
        create_app(engine=engine, prefix=prefix)
