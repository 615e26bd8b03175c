"""What Prometheus reads, read back with its own parser."""

from io import BytesIO

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dermdistill.web import create_app


@pytest.fixture
def scrape(client):
    def read():
        response = client.get("/metrics")
        assert response.mimetype == "text/plain"
        assert response.headers["Cache-Control"] == "no-store"
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
        }

    return read


def test_requests_are_counted_by_route_and_status_and_timed(client, scrape):
    for _ in range(3):
        client.get("/api/v1/health")
    client.post("/api/v1/predict", json={})
    numbers = scrape()
    assert numbers["dermdistill_requests_total", "/api/v1/health", "200"] == 3
    assert numbers["dermdistill_requests_total", "/api/v1/predict", "415"] == 1
    assert numbers["dermdistill_request_seconds_count", "/api/v1/health"] == 3
    assert 0 < numbers["dermdistill_request_seconds_sum", "/api/v1/health"] < 10
    assert numbers["dermdistill_request_seconds_bucket", "+Inf", "/api/v1/health"] == 3


def test_addresses_that_are_made_up_make_no_labels(client, scrape):
    for number in range(5):
        client.get(f"/api/v1/made-up-{number}")
        client.get(f"/v2/models/made-up-{number}")
    numbers = scrape()
    assert numbers["dermdistill_requests_total", "404", "none"] == 5
    assert numbers["dermdistill_requests_total", "/v2/models/<name>", "404"] == 5
    assert not [key for key in numbers if "made-up" in str(key)]


def test_images_are_counted_by_what_became_of_them(client, scrape, jpeg):
    assert scrape()["dermdistill_images_total", "answered"] == 0
    images = [(BytesIO(data), "secret-name.jpg") for data in (jpeg, b"no picture", jpeg)]
    client.post("/api/v1/predict", data={"image": images})
    numbers = scrape()
    assert numbers["dermdistill_images_total", "answered"] == 2
    assert numbers["dermdistill_images_total", "refused"] == 1


def test_busy_places_and_the_bundle_are_told(app, scrape):
    with app.slots.hold():
        numbers = scrape()
    assert numbers["dermdistill_slots_busy",] == 1
    assert numbers["dermdistill_slots",] == app.slots.count == 8
    assert numbers["dermdistill_bundle_info", "0.1.0", "float32", "tiny_float32"] == 1
    assert scrape()["dermdistill_slots_busy",] == 0


def test_two_applications_count_for_themselves(app, engine, scrape):
    other = create_app(engine=engine)
    other.test_client().get("/api/v1/health")
    assert ("dermdistill_requests_total", "/api/v1/health", "200") not in scrape()
