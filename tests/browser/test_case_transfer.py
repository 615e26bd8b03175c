"""Cases exported, opened by others, and brought back: whole or not at all, and never over what is here."""

import io
import json
import time
import zipfile

import pytest
from playwright.sync_api import expect

from .clinic import bars, look_at, picture_file, press, save
from .exports import begin_export, bring_back, decrypted, export, manifest_of
from .made_up import bring, visit

PASSPHRASE = "correct horse battery"


@pytest.fixture
def server(unguarded):
    return unguarded


def test_an_export_is_a_zip_that_anybody_can_read_and_that_can_be_brought_back_whole(page):
    look_at(page, picture_file("vasc", 1))
    save(page, "P-017", "back.upper", "Since spring.")
    before = bars(page)
    file = export(page)
    manifest, pictures = manifest_of(file)
    assert (manifest["format"], manifest["version"]) == ("dermdistill-cases", 2)
    assert (manifest["part"], manifest["parts"]) == (1, 1)
    [case] = manifest["cases"]
    assert (case["patient"], case["site"], case["notes"]) == ("P-017", "back.upper", "Since spring.")
    [kept] = case["visits"]
    assert kept["told"]["sensitivity"] == 0.95
    assert kept["size"] == len(pictures[kept["file"]])
    page.goto(f"/#case/{case['id']}")
    press(page, "Delete this case")
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#case-list")).to_have_count(0)
    bring_back(page, ("cases.zip", file.read_bytes()))
    expect(page.locator("#status")).to_contain_text("Cases brought back: 1. New pictures: 1.")
    page.locator("#case-list li a").click()
    for text in ("P-017", "Upper back", "Since spring."):
        expect(page.locator(".case-about")).to_contain_text(text)
    assert bars(page) == before
    width = page.locator(".answer .photo").evaluate(
        "async (photo) => (await photo.decode(), photo.naturalWidth)"
    )
    assert width == 400


def test_an_encrypted_export_is_opened_by_python_with_its_passphrase_and_by_no_other(page):
    bring(page, visit("mel", 0.9))
    data = export(page, PASSPHRASE).read_bytes()
    assert b"P-1" not in data
    manifest, pictures = manifest_of(io.BytesIO(decrypted(data, PASSPHRASE)))
    assert manifest["cases"][0]["patient"] == "P-1"
    assert next(iter(pictures.values())).startswith(b"\x89PNG")
    press(page, "Delete everything")
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#case-list")).to_have_count(0)
    for passphrase, sentence in (("something else", "#problem"), (PASSPHRASE, "#status")):
        bring_back(page, ("cases.encrypted", data))
        page.fill("#passphrase", passphrase)
        press(page, "Open")
        wanted = "does not fit" if sentence == "#problem" else "Cases brought back: 1."
        expect(page.locator(sentence)).to_contain_text(wanted)
    expect(page.locator("#case-list li")).to_have_count(1)


def test_two_passphrases_that_differ_or_one_that_is_short_begin_no_export(page):
    bring(page, visit("nv", 0.01))
    page.goto("/#cases")
    press(page, "Export everything")
    expect(page.locator("#not-encrypted")).to_contain_text("whoever finds the file")
    for first, again in (("short", "short"), (PASSPHRASE, "another passphrase")):
        page.fill("#passphrase", first)
        page.fill("#passphrase-again", again)
        expect(page.locator("#not-encrypted")).to_be_hidden()
        page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()


def test_what_is_known_here_stays_and_what_the_file_says_stands_beside_it(page):
    bring(page, visit("mel", 0.9), patient="P-1")
    name = "cases.zip"
    manifest, pictures = manifest_of(export(page))
    case = manifest["cases"][0]
    case["notes"] = "Looks fine to me."
    answer = case["visits"][0]["answer"]
    answer["diagnosis"], answer["malignant_probability"] = "nv", 0.001
    answer["probabilities"].update({"mel": 0.001, "nv": 0.999})
    for _ in range(2):
        bring_back(page, (name, zipped(manifest, pictures)))
        expect(page.locator("#status")).to_contain_text("Cases that differ from those here: 1.")
    page.goto("/#case/P-1")
    expect(page.locator(".case-about .notes")).to_contain_text("Looks fine to me.")
    cards = page.locator(".strip .card")
    expect(cards).to_have_count(2)
    expect(cards.first.locator("[data-level=see_doctor]")).to_have_count(1)
    cards.last.click()
    expect(page.locator(".imported")).to_contain_text("Both are kept")
    expect(page.locator("#other-alarm")).to_be_visible()


def zipped(manifest, pictures, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        for name, data in pictures.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_a_file_that_is_no_whole_export_changes_nothing_and_says_why(page):
    """What makes a file none: client/tests/cases/transfer/read.test.ts and client/tests/files."""
    bring(page, visit("mel", 0.9), patient="P-1")
    manifest, pictures = manifest_of(export(page))
    whole = {**manifest["cases"][0], "id": "new"}
    broken = json.loads(json.dumps(manifest["cases"][0]))
    broken["visits"][0]["answer"]["malignant_probability"] = 7
    damaged = {**manifest, "cases": [whole, broken]}
    million = {**manifest, "cases": [{**whole, "visits": [0] * 1_000_000}]}
    compressed = zipped({**manifest, "padding": "0" * 50_000_000}, pictures, compression=zipfile.ZIP_DEFLATED)
    assert len(compressed) < 500_000
    files = {
        "is damaged": zipped(damaged, pictures),
        "more than 10,000 pictures": zipped(million, pictures),
        "compressed": compressed,
        "no export of cases": b"PK",
    }
    for sentence, data in files.items():
        started = time.monotonic()
        bring_back(page, ("cases.zip", data))
        expect(page.locator("#problem")).to_contain_text(sentence)
        expect(page.locator("#problem")).to_contain_text("othing was brought back")
        assert time.monotonic() - started < 20
    page.reload()
    expect(page.locator("#case-list li")).to_have_count(1)


def test_175_cases_of_2_6_megabytes_are_exported_in_parts_and_brought_back(browser, unguarded, tmp_path):
    """As a clinic has them after a year: more than one text, or one phone's memory, can hold."""
    n, size = 175, 2_600_000
    context = browser.new_context(base_url=unguarded.address)
    page = context.new_page()
    bring(page, visit("nv", 0.01))
    page.evaluate(MULTIPLY, [n, size])
    page.reload()
    began = time.monotonic()
    begin_export(page)
    expect(page.locator("#export-files a")).to_have_count(4, timeout=240_000)
    wrote = time.monotonic() - began
    found, files = {}, []
    for link in page.locator("#export-files a").all():
        with page.expect_download() as download:
            link.click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        manifest, pictures = manifest_of(path)
        assert (manifest["parts"], manifest["part"]) == (4, len(files) + 1)
        for case in manifest["cases"]:
            [kept] = case["visits"]
            assert len(pictures[kept["file"]]) == size
            found[case["id"]] = case["notes"]
        assert path.stat().st_size < 140 * 2**20
        files.append(path)
    print(
        f"{n} cases of {size} bytes: written in {wrote:.1f} s, {sum(p.stat().st_size for p in files)} bytes"
    )
    assert found == {f"c{i}": f"Number {i}" for i in range(n)}
    context.close()
    context = browser.new_context(base_url=unguarded.address)
    page = context.new_page()
    for i, path in enumerate(files[:2]):
        page.goto("/#cases")
        page.set_input_files("#import", path)
        expect(page.locator("#status")).to_contain_text("Cases brought back", timeout=120_000)
        missing = ("2, 3, and 4", "3 and 4")[i]
        expect(page.locator("#status")).to_contain_text(f"an export of 4 files. Still missing: {missing}.")
    expect(page.locator("#case-list li")).to_have_count(2 * len(manifest_of(files[0])[0]["cases"]))
    context.close()
    for path in files:  # half a gigabyte, which pytest would keep
        path.unlink()


# Each a valid PNG of that size: the first case's picture, with a private part before its end that is kept.
MULTIPLY = """async ([n, size]) => {
  const opened = await new Promise((done) => {
    indexedDB.open("dermdistill").onsuccess = ({ target }) => done(target.result);
  });
  const read = opened.transaction("cases").objectStore("cases").getAll();
  const [first] = await new Promise((done) => { read.onsuccess = () => done(read.result); });
  const png = new Uint8Array(await first.visits[0].picture.arrayBuffer());
  const rest = size - png.length - 12;
  const chunk = new Uint8Array(rest + 12);
  new DataView(chunk.buffer).setUint32(0, rest);
  chunk.set([..."sBIT"].map((letter) => letter.charCodeAt(0)), 4);
  const tail = png.length - 12;
  for (let i = 0; i < n; i++) {
    for (let at = 8; at < chunk.length - 4; at += 65536) {
      crypto.getRandomValues(chunk.subarray(at, Math.min(at + 65536, chunk.length - 4)));
    }
    const picture = new Blob([png.subarray(0, tail), chunk, png.subarray(tail)], { type: "image/png" });
    const visits = [{ ...first.visits[0], id: `v${i}`, picture }];
    const entry = { ...first, id: `c${i}`, patient: `P-${i}`, notes: `Number ${i}`, visits };
    const writing = opened.transaction("cases", "readwrite");
    writing.objectStore("cases").put(entry);
    await new Promise((done) => { writing.oncomplete = done; });
  }
  const writing = opened.transaction("cases", "readwrite");
  writing.objectStore("cases").delete(first.id);
  await new Promise((done) => { writing.oncomplete = done; });
  opened.close();
}"""
