import gzip
import hashlib
import shutil
from pathlib import Path

import pytest

from dermdistill.bundle import BundleSpec
from dermdistill.inference import load_bundle
from dermdistill.web import create_app
from dermdistill.web.page.assets import FOLDER

TINY = Path(__file__).parents[2] / "fixtures" / "tiny_float32"


def test_bundle_json_is_what_the_engine_read_and_revalidated(client, engine):
    response = client.get("/bundle/bundle.json")
    assert BundleSpec.model_validate(response.get_json()) == engine.spec
    assert response.headers["Cache-Control"] == "no-cache"
    again = client.get("/bundle/bundle.json", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_a_file_lies_under_its_checksum_and_may_be_kept_for_ever(client, engine):
    entry = engine.spec.files["model.tflite"]
    response = client.get(f"/bundle/{entry.sha256}/model.tflite")
    assert hashlib.sha256(response.data).hexdigest() == entry.sha256
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["ETag"] == f'"{entry.sha256}"'


def test_what_is_sent_is_what_was_verified_whatever_became_of_the_disk(tmp_path):
    folder = shutil.copytree(TINY, tmp_path / "bundle")
    engine = load_bundle(folder, threads=1)
    client = create_app(engine=engine).test_client()
    damaged = bytearray((folder / "model.tflite").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "model.tflite").write_bytes(damaged)
    (folder / "bundle.json").write_text("{}")
    sha256 = engine.spec.files["model.tflite"].sha256
    response = client.get(f"/bundle/{sha256}/model.tflite")
    assert hashlib.sha256(response.data).hexdigest() == sha256
    assert client.get("/bundle/bundle.json").get_json()["files"]["model.tflite"]["sha256"] == sha256


def test_a_browser_keeps_the_file_for_live_pictures_too():
    engine = load_bundle(threads=1)
    spec = engine.spec  # which looks once: here the file that looks four times is taken for the quick one
    (variant,) = spec.variants
    engine.spec = spec.model_copy(
        update={
            "input": spec.input.model_copy(update={"quarter_turns": True}),
            "variants": [variant.model_copy(update={"quarter_turns": False})],
        }
    )
    quick = engine.spec.quick.file
    first = create_app(engine=engine).test_client().get("/service-worker.js").text.split("\n", 1)[0]
    assert f"/bundle/{engine.spec.files[quick].sha256}/{quick}" in first


@pytest.mark.parametrize("name", ["model.tflite", "bundle.json", "../../classes.py", "%2e%2e/x"])
def test_nothing_else_is_given_out(client, name):
    assert client.get(f"/bundle/{'0' * 64}/{name}").status_code == 404


def test_words_are_python_s_own(client, engine):
    words = client.get("/bundle/words.json").get_json()
    assert {"blurred", "too_dark", "too_bright", "too_small"} <= set(words["quality"])


def test_the_bundle_is_open_where_predictions_ask_for_a_key(engine):
    app = create_app(engine=engine, api_keys=["a-key-of-the-clinic"])
    client = app.test_client()
    assert client.get("/api/v1/model").status_code == 401
    assert client.get("/bundle/bundle.json").status_code == 200


@pytest.mark.parametrize("accepted", ["gzip, br", "identity"])
def test_webassembly_lies_packed_and_reaches_everyone(client, accepted):
    (stored,) = FOLDER.glob("litert-*/litert_wasm_internal.wasm.gz")
    address = f"/assets/{stored.parent.name}/litert_wasm_internal.wasm"
    response = client.get(address, headers={"Accept-Encoding": accepted})
    assert response.mimetype == "application/wasm"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    packed = response.headers.get("Content-Encoding") == "gzip"
    assert packed == ("gzip" in accepted)
    wasm = gzip.decompress(response.data) if packed else response.data
    assert wasm[:4] == b"\0asm"
    assert len(wasm) > 5_000_000
