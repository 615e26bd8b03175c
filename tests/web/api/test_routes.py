import struct
import threading
from io import BytesIO

import pytest

from dermdistill.classes import RESEARCH_USE
from dermdistill.web import create_app
from ham10000 import CLASSES


def send(client, *images, **fields):
    data = {"image": [(BytesIO(image), "secret-name.jpg") for image in images], **fields}
    return client.post("/api/v1/predict", data=data)


def problem_of(response):
    assert response.mimetype == "application/problem+json"
    body = response.get_json()
    assert body["status"] == response.status_code
    assert body["type"].startswith("urn:dermdistill:problem:")
    assert body["title"]
    assert body["detail"]
    return body


def bomb(width, height):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + bytes(4) + b"\0\0\0\0IEND\xaeB`\x82"
    )


def test_one_picture_is_answered_as_the_engine_does(client, engine, jpeg):
    response = send(client, jpeg)
    assert response.status_code == 200
    body = response.get_json()
    assert body["bundle"] == {"name": "tiny_float32", "version": "0.1.0"}
    assert body["notice"] == RESEARCH_USE
    [got], [expected] = body["predictions"], engine.predict(jpeg)
    assert list(got["probabilities"]) == list(CLASSES)
    assert list(got["probabilities"].values()) == pytest.approx(list(expected.probs.values()), abs=1e-6)
    assert got["diagnosis"] == expected.diagnosis
    assert (got["name"], got["plain"]) == (expected.name, expected.plain)
    assert got["malignant_probability"] == pytest.approx(expected.malignant_probability, abs=1e-6)
    assert [len(row) for row in got["heat_map"]] == [7] * 7
    assert max(max(row) for row in got["heat_map"]) == 1
    assert got["assessment"] == {
        "level": expected.assessment.level,
        "reasons": list(expected.assessment.reasons),
        "classes": list(expected.assessment.classes),
        "sensitivity": None,
        "missed_melanomas": None,
    }
    assert got["conformal"] is None
    assert got["out_of_distribution"] is None


def test_several_pictures_keep_their_order_and_a_bad_one_its_place(client, engine, jpeg):
    response = send(client, jpeg, b"no picture", jpeg, heat_map="none")
    assert response.status_code == 200
    first, bad, last = response.get_json()["predictions"]
    assert first == last
    assert first["heat_map"] is None
    assert bad["error"]["status"] == 415
    assert bad["error"]["detail"].startswith("Image 2 is not an image file")


@pytest.mark.parametrize(
    ("image", "status", "kind"),
    [
        (b"<html>no picture</html>", 415, "unsupported-format"),
        (b"", 400, "unreadable-image"),
        (b"\xff\xd8\xff\xe0" + bytes(100), 400, "unreadable-image"),
        (bomb(60_000, 60_000), 413, "image-too-large"),
    ],
)
def test_hostile_pictures_are_problems(client, image, status, kind):
    response = send(client, image)
    assert response.status_code == status
    assert problem_of(response)["type"].endswith(kind)


def test_a_cut_off_picture_is_refused(client, jpeg):
    response = send(client, jpeg[:-500])
    assert response.status_code == 400
    assert "ends too early" in problem_of(response)["detail"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {"image": "x"}}, 415),
        ({"data": b"raw", "content_type": "image/jpeg"}, 415),
        ({"data": {"other": "x"}, "content_type": "multipart/form-data"}, 400),
        ({"data": b"garbage", "content_type": "multipart/form-data"}, 400),
        ({"data": b"garbage", "content_type": "multipart/form-data; boundary=b"}, 400),
    ],
)
def test_requests_without_a_picture_are_problems(client, options, status):
    response = client.post("/api/v1/predict", **options)
    assert response.status_code == status
    problem_of(response)


def test_an_unknown_heat_map_and_too_many_pictures_are_problems(client, jpeg):
    response = send(client, jpeg, heat_map="hologram")
    assert response.status_code == 400
    assert "values or none" in problem_of(response)["detail"]
    too_many = send(client, *[b"x"] * 33)
    assert too_many.status_code == 413
    assert "at most 32" in problem_of(too_many)["detail"]


def test_options_that_would_be_ignored_are_problems(client, jpeg):
    in_address = client.post("/api/v1/predict?heat_map=none", data={"image": (BytesIO(jpeg), "a.jpg")})
    misspelt = send(client, jpeg, heatmap="none")
    twice = send(client, jpeg, heat_map=["none", "values"])
    for response, said in (
        (in_address, "heat_map is in the address"),
        (misspelt, "no field heatmap"),
        (twice, "once at most"),
    ):
        assert response.status_code == 400
        assert said in problem_of(response)["detail"]


def test_a_part_of_the_wrong_kind_is_a_problem_and_not_left_out(client, jpeg):
    options = BytesIO(b"none"), "options.txt"
    for response, said in (
        (send(client, image=[(BytesIO(jpeg), "a.jpg"), "photo.jpg"]), "A field image is text"),
        (send(client, jpeg, heat_map=options), "heat_map is a file"),
    ):
        assert response.status_code == 400
        assert said in problem_of(response)["detail"]
    part = (
        b'--b\r\nContent-Disposition: form-data; name="heat_map"\r\n\r\n' + b"x" * 600_000 + b"\r\n--b--\r\n"
    )
    long_text = client.post("/api/v1/predict", data=part, content_type="multipart/form-data; boundary=b")
    assert long_text.status_code == 413
    assert "text instead of files" in problem_of(long_text)["detail"]


def test_a_form_of_too_many_parts_and_one_that_is_cut_say_what_to_send(client, jpeg):
    response = send(client, *[b"x"] * 70)
    assert response.status_code == 413
    assert "at most 32 pictures" in problem_of(response)["detail"]
    cut = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n' + jpeg
    for media in ("multipart/form-data; boundary=b", "multipart/form-data"):
        response = client.post("/api/v1/predict", data=cut, content_type=media)
        assert response.status_code == 400
        assert "boundary" in problem_of(response)["detail"]


def test_a_request_over_the_limit_is_413(engine, jpeg):
    client = create_app(engine=engine, max_request_bytes=1000).test_client()
    response = send(client, jpeg)
    assert response.status_code == 413
    assert "larger than 1000 bytes" in problem_of(response)["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api", 404),
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/v1/predict", 405),
        ("post", "/api/v1/model", 405),
    ],
)
def test_wrong_addresses_under_api_are_problems(client, method, path, status):
    response = getattr(client, method)(path)
    assert response.status_code == status
    problem_of(response)
    if status == 405:
        assert response.headers["Allow"]


def test_a_fault_inside_is_a_problem_that_tells_nothing(app, client, jpeg, monkeypatch, caplog):
    def broken(_):
        raise RuntimeError("inner secret")

    monkeypatch.setattr(app, "engine", type("Broken", (), {"stream": staticmethod(broken)})())
    response = send(client, jpeg)
    assert response.status_code == 500
    problem_of(response)
    assert "inner secret" not in response.text
    assert "inner secret" in caplog.text, "the log must say what happened"


def test_when_all_slots_are_taken_the_answer_is_503_at_once_and_it_recovers(engine, jpeg):
    app = create_app(engine=engine, slots=1)
    entered, leave = threading.Event(), threading.Event()

    class Slow:
        spec = engine.spec

        def stream(self, images):
            entered.set()
            leave.wait(20)
            return engine.stream(images)

    app.engine = Slow()
    results = []
    first = threading.Thread(target=lambda: results.append(send(app.test_client(), jpeg).status_code))
    first.start()
    assert entered.wait(20)
    busy = send(app.test_client(), jpeg)
    assert busy.status_code == 503
    assert busy.headers["Retry-After"] == "1"
    assert problem_of(busy)["type"].endswith("busy")
    assert app.test_client().get("/api/v1/health").status_code == 200
    leave.set()
    first.join(20)
    assert results == [200]
    assert send(app.test_client(), jpeg).status_code == 200


def test_health_and_model_describe_the_bundle(client, engine):
    assert client.get("/api/v1/health").get_json()["status"] == "ok"
    model = client.get("/api/v1/model").get_json()
    assert model["name"] == "tiny_float32"
    assert [entry["code"] for entry in model["classes"]] == list(CLASSES)
    assert model["input"] == engine.spec.input.model_dump()


def test_nothing_uploaded_is_written_or_logged(client, jpeg, monkeypatch, caplog, capfd):
    def refuse(*_, **__):
        raise AssertionError("an upload went to a temporary file")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    padded = jpeg + bytes(3_000_000)  # far over the size at which Werkzeug starts to use the disk
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="secret-name.jpg"\r\n\r\n'
    body = head + padded + b"\r\n--b--\r\n"
    response = client.post("/api/v1/predict", data=body, content_type="multipart/form-data; boundary=b")
    assert response.status_code == 200
    assert "secret-name" not in caplog.text + "".join(capfd.readouterr())
