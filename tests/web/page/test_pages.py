import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from dermdistill.web.page.assets import FOLDER

CLIENT = Path(__file__).parents[3] / "client"


class Page(HTMLParser):
    """The parts of the page that the tests ask about."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_page_says_what_it_is_and_loads_all_its_parts(client):
    response = client.get("/")
    assert response.mimetype == "text/html"
    assert "Research use only." in response.text
    assert "Not a medical device." in response.text
    page = Page(response.text)
    linked = [a.get("src") or a.get("href") for t, a in page.tags if t in ("script", "link", "img")]
    linked = [address for address in linked if address]
    assert len(linked) >= 4
    for address in linked:
        assert client.get(address).status_code == 200, address


def test_scripts_name_only_ids_that_exist():
    ids = {a["id"] for _, a in Page((CLIENT / "index.html").read_text()).tags if "id" in a}
    scripts = [path.read_text() for path in CLIENT.glob("src/**/*.ts")]
    named = {
        name for text in scripts for name in re.findall(r'\b(?:element|getElementById)\("([\w-]+)"\)', text)
    }
    assert named
    assert named <= ids


def test_an_installation_without_the_page_says_so(client, app, tmp_path):
    app.static_folder = str(tmp_path)
    response = client.get("/")
    assert response.status_code == 404
    assert "The page was not built" in response.text
    assert client.get("/api/v1/health").status_code == 200


def test_a_strict_policy_holds_on_every_response_and_the_page_obeys_it(client):
    for path in ("/", "/assets/main.js", "/api/v1/health", "/api/v1/none", "/none"):
        headers = client.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert policy["style-src"] == policy["worker-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert headers["Content-Security-Policy"].count("unsafe") == 1
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert "Access-Control-Allow-Origin" not in headers
    page = Page((FOLDER / "index.html").read_text())
    assert not [tag for tag, attributes in page.tags if tag == "style" or "style" in attributes]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all("src" in attributes for tag, attributes in page.tags if tag == "script")


def test_every_input_has_a_label():
    page = Page((CLIENT / "index.html").read_text())
    labelled = {a.get("for") for t, a in page.tags if t == "label"}
    parents = []
    for tag, attributes in page.tags:
        if tag == "label":
            parents.append("for" in attributes)
        if tag == "input":
            assert attributes["id"] in labelled or parents[-1] is False, attributes["id"]


def test_answers_are_never_cached_and_files_are_revalidated(client):
    assert client.get("/api/v1/health").headers["Cache-Control"] == "no-store"
    first = client.get("/assets/style.css")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/assets/style.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_service_worker_lies_at_the_top_and_names_files_that_are_there(client):
    response = client.get("/service-worker.js")
    assert response.mimetype == "text/javascript"
    first, rest = response.text.split("\n", 1)
    student = json.loads(first.removeprefix("self.STUDENT = ").removesuffix(";"))
    assert len(student["version"]) == 16
    for address in [*student["files"], *re.findall(r"/assets/[\w.-]+\.\w+", rest)]:
        assert client.get(address).status_code == 200, address
    sums = student["files"] | {
        f"/{name}": sum_ for name, sum_ in re.findall(r'"(assets/[\w./-]*|)":"(\w{64})"', rest)
    }
    assert len(sums) > 15
    for address, sum_ in sums.items():
        assert hashlib.sha256(client.get(address).data).hexdigest() == sum_, address
    assert len(student["files"]) >= 3
    again = client.get("/service-worker.js", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_files_outside_the_client_are_not_served(client):
    for path in (
        "/assets/../app.py",
        "/assets/%2e%2e/app.py",
        "/assets//etc/passwd",
        "/app.py",
        "/assets/" + "a" * 5000,
    ):
        assert client.get(path, follow_redirects=True).status_code == 404
