"""The description, held against what the server really answers."""

from html.parser import HTMLParser
from io import BytesIO

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from dermdistill.web.api.forms import MAX_IMAGES

FOR_PEOPLE = {"/", "/assets/<path:filename>", "/api/v1/docs.css"}
FOR_THE_PAGE = {
    "/bundle/bundle.json",
    "/bundle/words.json",
    "/bundle/<checksum>/<name>",
    "/service-worker.js",
}


def test_it_is_a_valid_openapi_3_1_description(description):
    assert description["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(description).validate()


def test_every_route_is_described_with_words_and_no_other(app, description):
    rules = {rule.rule for rule in app.url_map.iter_rules()} - FOR_PEOPLE - FOR_THE_PAGE
    described = {path.replace("{", "<").replace("}", ">") for path in description["paths"]}
    assert described == rules
    operations = [entry for methods in description["paths"].values() for entry in methods.values()]
    assert all(entry["summary"] for entry in operations)
    assert len({entry["operationId"] for entry in operations}) == len(operations)


def test_the_predict_form_says_its_limits(description):
    content = description["paths"]["/api/v1/predict"]["post"]["requestBody"]["content"]
    assert set(content) == {"multipart/form-data"}
    form = description["components"]["schemas"]["PredictForm"]
    assert form["required"] == ["image"]
    assert form["properties"]["image"]["maxItems"] == MAX_IMAGES
    assert form["properties"]["image"]["items"]["contentMediaType"] == "application/octet-stream"
    assert form["properties"]["heat_map"]["enum"] == ["values", "none"]


@pytest.mark.parametrize("heat_map", ["values", "none"])
def test_real_predictions_fit(client, fits, jpeg, heat_map):
    images = [(BytesIO(jpeg), "a.jpg"), (BytesIO(b"no picture"), "b.jpg")]
    response = client.post("/api/v1/predict", data={"image": images, "heat_map": heat_map})
    assert response.status_code == 200
    fits("/api/v1/predict", "post", response)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"data": {"image": (BytesIO(b""), "a.jpg")}}, 400),
        ({"data": {"image": [(BytesIO(b"x"), "a.jpg") for _ in range(MAX_IMAGES + 1)]}}, 413),
        ({"json": {}}, 415),
    ],
)
def test_real_problems_fit(client, fits, options, status):
    response = client.post("/api/v1/predict", **options)
    assert response.status_code == status
    fits("/api/v1/predict", "post", response)


@pytest.mark.parametrize("path", ["/api/v1/model", "/api/v1/health", "/api/v1/openapi.json"])
def test_real_descriptions_fit(client, fits, path):
    fits(path, "get", client.get(path))


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.addresses, self.inline = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids |= {attributes["id"]} if "id" in attributes else set()
        self.addresses += [attributes["href"]] if "href" in attributes else []
        if (
            tag in ("script", "style")
            or "style" in attributes
            or any(name.startswith("on") for name in attributes)
        ):
            self.inline.append(tag)


def test_the_docs_page_names_every_route_obeys_the_policy_and_its_links_lead_somewhere(client, description):
    response = client.get("/api/v1/docs")
    assert response.mimetype == "text/html"
    for path, methods in description["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in response.text
    links = Links(response.text)
    assert links.inline == []
    for address in links.addresses:
        if address.startswith("#"):
            assert address[1:] in links.ids
        else:
            assert client.get(f"/api/v1/{address}").status_code == 200
