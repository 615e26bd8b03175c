"""API keys and CORS: closed only when told so, and then really."""

from io import BytesIO

import pytest

from dermdistill.web import create_app
from dermdistill.web.guards.cors import OriginError
from dermdistill.web.guards.keys import KeyFileError, Keys, read_key_file

KEY, OTHER = "k" * 32, "another-key-of-the-clinic"
SITE = "https://clinic.example"


@pytest.fixture
def locked(engine):
    return create_app(engine=engine, api_keys=[KEY, OTHER]).test_client()


def send(client, jpeg, **headers):
    data = {"image": (BytesIO(jpeg), "a.jpg")}
    return client.post("/api/v1/predict", data=data, headers=headers)


@pytest.mark.parametrize("key", [KEY, OTHER])
def test_either_header_opens(locked, jpeg, key):
    assert send(locked, jpeg, Authorization=f"Bearer {key}").status_code == 200
    assert send(locked, jpeg, **{"X-API-Key": key}).status_code == 200
    both = {"Authorization": "Bearer key-of-another-server", "X-API-Key": key}
    assert send(locked, jpeg, **both).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": f"Basic {KEY}"},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": "ü" * 32},
    ],
)
def test_anything_else_is_a_401_problem_that_does_not_repeat_the_key(locked, jpeg, headers):
    response = send(locked, jpeg, **headers)
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["type"] == "urn:dermdistill:problem:unauthorized"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert KEY not in response.text


def test_each_operation_asks_as_its_description_says(locked):
    description = locked.get("/api/v1/openapi.json").get_json()
    assert set(description["components"]["securitySchemes"]) == {"bearer", "header"}
    closed = set()
    for path, methods in description["paths"].items():
        address = path.replace("{name}", "tiny_float32").replace("{version}", "0.1.0")
        for method, entry in methods.items():
            status = getattr(locked, method)(address).status_code
            assert (status == 401) == ("security" in entry) == ("401" in entry["responses"]), path
            closed |= {path} if status == 401 else set()
    assert {"/api/v1/predict", "/v2/models/{name}/infer", "/metrics", "/api/v1/model"} <= closed
    assert not closed & {"/v2/health/live", "/v2/health/ready", "/api/v1/health", "/api/v1/docs"}


def test_the_protocol_and_the_page_keep_their_own_ways(locked):
    refused = locked.post("/v2/models/tiny_float32/infer", json={})
    assert refused.status_code == 401
    assert list(refused.get_json()) == ["error"]
    with locked.get("/") as page:
        assert page.status_code == 200


def test_a_server_without_keys_is_open_and_says_nothing_of_keys(client, jpeg):
    assert send(client, jpeg).status_code == 200
    assert "securitySchemes" not in client.get("/api/v1/openapi.json").get_json()["components"]


def test_keys_come_from_the_environment(engine, monkeypatch, jpeg):
    monkeypatch.setenv("DERMDISTILL_API_KEYS", f"{OTHER}, {KEY}")
    client = create_app(engine=engine).test_client()
    assert send(client, jpeg).status_code == 401
    assert send(client, jpeg, **{"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize("value", ["", " , ", "short", "with space in the middle", "ü" * 20])
def test_a_variable_without_a_usable_key_does_not_start_an_open_server(engine, monkeypatch, value):
    monkeypatch.setenv("DERMDISTILL_API_KEYS", value)
    with pytest.raises(KeyFileError, match=r"^DERMDISTILL_API_KEYS holds "):
        create_app(engine=engine)


def test_a_key_file_has_one_key_a_line(tmp_path):
    path = tmp_path / "keys"
    path.write_text(f"# of the clinic\n\n{KEY}\n  {OTHER}  \n")
    assert read_key_file(path) == [KEY, OTHER]
    for content in (b"", b"# nothing\n", b"short\n", b"\xff\xfe\n"):
        path.write_bytes(content)
        with pytest.raises(KeyFileError, match=r"keys (holds|cannot be read)"):
            read_key_file(path)
    with pytest.raises(KeyFileError, match="cannot be read"):
        read_key_file(tmp_path)


def test_every_key_is_compared_whatever_came_before(monkeypatch):
    compared = []
    monkeypatch.setattr(
        "dermdistill.web.guards.keys.hmac.compare_digest", lambda a, b: compared.append(b) or a == b
    )
    assert Keys([KEY, OTHER]).fit(KEY)
    assert len(compared) == 2
    assert {len(value) for value in compared} == {32}, "hashes of one length, not the keys"


def test_no_site_may_ask_unless_it_is_named(engine, client, jpeg):
    assert "Access-Control-Allow-Origin" not in send(client, jpeg, Origin=SITE).headers
    named = create_app(engine=engine, cors_origins=[SITE], api_keys=[KEY]).test_client()
    answer = send(named, jpeg, Origin=SITE, Authorization=f"Bearer {KEY}")
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in answer.vary
    assert send(named, jpeg, Origin=SITE).headers["Access-Control-Allow-Origin"] == SITE, "a 401 is readable"
    other = send(named, jpeg, Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Origin" in other.vary
    with named.get("/", headers={"Origin": SITE}) as page:
        assert "Access-Control-Allow-Origin" not in page.headers


def test_a_browser_may_ask_whether_it_may_ask_without_the_key(engine):
    client = create_app(engine=engine, cors_origins=[SITE], api_keys=[KEY]).test_client()
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    response = client.options("/api/v1/predict", headers=asked)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "clinic.example",
        "https://clinic.example/",
        "https://a@clinic.example",
        "https://Clinic.example",
        "ftp://clinic.example",
        "https://clinic.example:http",
        "https://",
        "",
    ],
)
def test_what_is_no_origin_is_refused(engine, origin):
    with pytest.raises(OriginError, match="is not a site's origin"):
        create_app(engine=engine, cors_origins=[origin])
