"""What another site lets a browser ask."""

from io import BytesIO

import pytest

from dermdistill.web import create_app
from dermdistill.web.guards.sites import HostError

SITE = "https://clinic.example"


def post(client, jpeg, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/api/v1/predict", data={"image": (BytesIO(jpeg), "a.jpg")}, headers=names)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "127.0.0.1",
        "127.0.0.1:8000",
        "[::1]:8000",
        "192.168.1.7",
        "app.localhost",
        "LOCALHOST.",
    ],
)
def test_addresses_and_localhost_are_always_its_names(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "[evil]",
        "a@b",
    ],
)
@pytest.mark.parametrize(
    "path", ["/", "/api/v1/health", "/api/v1/model", "/v2", "/bundle/bundle.json", "/metrics"]
)
def test_a_name_that_points_here_by_dns_rebinding_is_refused(client, host, path):
    response = client.get(path, headers={"Host": host})
    assert response.status_code == 403
    assert "evil" not in response.text


def test_names_of_a_proxy_are_given(engine, monkeypatch):
    client = create_app(engine=engine, hosts=["Clinic.example"]).test_client()
    assert client.get("/api/v1/health", headers={"Host": "clinic.example:443"}).status_code == 200
    assert client.get("/api/v1/health", headers={"Host": "evil.example"}).status_code == 403
    monkeypatch.setenv("DERMDISTILL_HOSTS", "a.example, b.example")
    assert (
        create_app(engine=engine).test_client().get("/v2", headers={"Host": "b.example"}).status_code == 200
    )
    with pytest.raises(HostError, match="is not the name of a host"):
        create_app(engine=engine, hosts=["https://clinic.example"])


def test_a_server_for_the_network_goes_by_any_name(client):
    response = client.get(
        "/api/v1/health", headers={"Host": "clinic-pc"}, environ_overrides={"SERVER_NAME": "192.168.1.7"}
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
        {"Sec_Fetch_Site": "nonsense"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Origin": "http://[bad"},
    ],
)
def test_a_form_that_another_site_sends_is_refused(client, jpeg, headers):
    response = post(client, jpeg, **headers)
    assert response.status_code == 403
    assert response.get_json()["type"] == "urn:dermdistill:problem:forbidden"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://behind-a-proxy.example"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_programs_and_the_own_page_are_answered(client, jpeg, headers):
    assert post(client, jpeg, **headers).status_code == 200


def test_a_named_site_may_ask_across(engine, jpeg):
    client = create_app(engine=engine, cors_origins=[SITE]).test_client()
    assert post(client, jpeg, Origin=SITE, Sec_Fetch_Site="cross-site").status_code == 200
    assert post(client, jpeg, Origin="https://evil.example", Sec_Fetch_Site="cross-site").status_code == 403


def test_a_link_from_another_site_may_be_followed(client):
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
