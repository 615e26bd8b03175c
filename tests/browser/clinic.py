"""What a person does on the page, and pictures to do it with."""

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Page, expect

from dermdistill.bundle import BundleSpec, default_bundle_path, sealed
from synthetic import lesion_image


def picture_file(
    diagnosis: str, seed: int, name: str = "", *, width: int = 400, height: int = 300
) -> dict[str, Any]:
    """A drawn lesion as a PNG file, as Playwright gives files to a page."""
    rgb = lesion_image(diagnosis, seed, height=height, width=width)
    data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()
    return {"name": name or f"{diagnosis}.png", "mimeType": "image/png", "buffer": data}


def lesion_video(path: Path, frames: int = 20) -> Path:
    """A film of a drawn lesion that moves a little, as Chromium's fake camera takes it: JPEG after JPEG."""
    # A lesion that every frame shows as one kind: a frozen frame is not the one answered last.
    still = cv2.cvtColor(lesion_image("nv", 1, height=540, width=720), cv2.COLOR_RGB2BGR)
    with path.open("wb") as film:
        for i in range(frames):
            frame = np.roll(still, i % 5, axis=1)[30:510, 40:680]
            film.write(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes())
    return path


def unguarded_bundle(folder: Path, bundle_dir: Path | None = None) -> Path:
    """A student, the shipped one if None, with a detector that lets everything pass; some refuse drawings."""
    shutil.copytree(bundle_dir or default_bundle_path(), folder)
    spec = json.loads((folder / "bundle.json").read_text("utf-8"))
    kinds = spec["pictures"]["kinds"].values() if spec["pictures"] else ()
    for detector in filter(None, (spec["out_of_distribution"], *spec["variants"], *kinds)):
        detector["distance_threshold"] = 1e12
    return _resealed(folder, spec)


def careful_bundle(folder: Path) -> Path:
    """The shipped student with its careful file in front, which turns images; a frame is looked at once."""
    shutil.copytree(default_bundle_path(), folder)
    spec = json.loads((folder / "bundle.json").read_text("utf-8"))
    detector = spec["out_of_distribution"]
    careful = next(variant for variant in spec["variants"] if variant["quarter_turns"])
    quick = careful | {
        "file": spec["model_file"],
        "quarter_turns": False,
        "distance_threshold": detector["distance_threshold"],
        "self_test": spec["self_test"],
    }
    spec |= {"model_file": careful["file"], "self_test": careful["self_test"], "variants": [quick]}
    spec |= {"input": spec["input"] | {"quarter_turns": True}, "pictures": None}
    detector["distance_threshold"] = careful["distance_threshold"]
    return _resealed(folder, spec)


def _resealed(folder: Path, spec: dict[str, Any]) -> Path:
    """Write a changed spec, without the answer to the self-test, whose score is a share of the threshold."""
    sealed_spec = sealed(BundleSpec.model_validate(spec | {"self_test_answer": None}))
    (folder / "bundle.json").write_text(sealed_spec.model_dump_json(), "utf-8")
    return folder


def look_at(page: Page, *files: dict[str, Any]) -> None:
    """Choose files on the first view and wait for the first one's answer."""
    page.goto("/")
    page.set_input_files("#choose", list(files))
    expect(page.locator(".answer")).to_be_visible(timeout=30_000)


def look_at_all(page: Page, *files: dict[str, Any]) -> None:
    """Choose several files on the first view and wait until none waits for its answer."""
    page.goto("/")
    page.set_input_files("#choose", list(files))
    expect(page.locator("#many")).to_be_visible(timeout=30_000)
    expect(page.locator("#many")).not_to_contain_text("Waiting", timeout=60_000)


def catch_file_choosers(page: Page) -> None:
    """Ask for file choosers before one opens: by then a busy browser may have shown its own."""
    page.on("filechooser", lambda chooser: None)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def bars(page: Page) -> list[str]:
    return page.locator(".answer .bars .bar-value").all_text_contents()


def save(page: Page, patient: str = "", site: str = "", notes: str = "", case: int = 0) -> None:
    """Save the open answer; `case` 0 makes a new patient and case, 1 adds to the first patient's."""
    page.locator("#save").click()
    if case:
        page.select_option("#whose", index=1)
        page.select_option("#case", index=case)
    else:
        page.fill("#patient", patient)
        page.select_option("#site", site)
        page.fill("#notes", notes)
    press(page, "Save")
    expect(page.locator(".case-about")).to_be_visible()
