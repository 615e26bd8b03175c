"""Photograph the page as a person meets it: every kind of answer at two widths, in any language and theme.

`make pictures` writes them to runs/pictures; `--address` photographs another page, such as an older one.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from .clinic import lesion_video, look_at, look_at_all, picture_file, unguarded_bundle
from .conftest import FLAGS, NAMES
from .made_up import bring, visit
from .server import serving

MARCH, MAY = "2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"
SIZES = {360: 740, 768: 1024, 1280: 800}


def first(page: Page) -> None:
    page.goto("/")
    page.wait_for_timeout(2500)


def about(page: Page) -> None:
    page.goto("/#about")
    page.wait_for_timeout(500)


def alarm(page: Page) -> None:
    bring(page, visit("mel", 0.88, date=MARCH))


def unclear(page: Page) -> None:
    bring(page, visit("bkl", 0.01, others=("mel",), probs={"nv": 0.6, "bkl": 0.39, "bcc": 0.01}, date=MARCH))


def no_sign(page: Page) -> None:
    bring(page, visit("nv", 0.005, date=MARCH))


def refused(page: Page) -> None:
    bring(page, visit("nv", 0.001, refused=True, date=MARCH))


def refused_alarm(page: Page) -> None:
    bring(page, visit("mel", 0.95, refused=True, date=MARCH))


def compare(page: Page) -> None:
    bring(page, visit("nv", 0.01, date=MARCH), visit("mel", 0.88, date=MAY))
    page.goto(page.url.replace("#case/", "#compare/"))
    expect(page.locator(".changes")).to_be_visible()


def live(page: Page) -> None:
    page.goto("/#camera")
    expect(page.locator("#live, .live").first).not_to_be_empty(timeout=30_000)
    page.wait_for_timeout(1500)


def many(page: Page) -> None:
    kinds = ("nv", "mel", "bkl", "vasc", "akiec")
    look_at_all(page, *(picture_file(kind, seed + 1, f"{kind}.png") for seed, kind in enumerate(kinds)))


def many_before(page: Page) -> None:
    kinds = ("nv", "mel", "bkl", "vasc", "akiec")
    look_at(page, *(picture_file(kind, seed + 1, f"{kind}.png") for seed, kind in enumerate(kinds)))
    page.wait_for_timeout(4000)


def report(page: Page) -> None:
    bring(page, visit("nv", 0.01, date=MARCH), visit("mel", 0.88, date=MAY))
    page.emulate_media(media="print")


SCENES: dict[str, Callable[[Page], None]] = {
    scene.__name__: scene
    for scene in (first, about, alarm, unclear, no_sign, refused, refused_alarm, compare, live, many, report)
}


def photograph(browser: Browser, address: str, out: Path, options: argparse.Namespace) -> None:
    scenes = dict(SCENES) if not options.address else SCENES | {"many": many_before}
    for name in options.scenes or scenes:
        for width in options.widths:
            with browser.new_context(
                base_url=address,
                viewport={"width": width, "height": SIZES[width]},
                locale="en-US",
                permissions=["camera"],
                color_scheme=options.theme,
            ) as context:
                page = context.new_page()
                try:
                    scenes[name](page)
                    if options.language != "en":
                        page.select_option("#language", options.language)
                        page.wait_for_timeout(500)
                except Exception as error:
                    if not options.address:
                        raise
                    print(f"{name} at {width}: {str(error).splitlines()[0]}")  # an older page lacks things
                page.wait_for_timeout(300)
                page.screenshot(path=out / f"{name}_{width}.png", full_page=not options.fold)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("runs/pictures"), help="folder to write to")
    parser.add_argument("--address", default="", help="of another page; else the one of this checkout")
    parser.add_argument("--language", default="en", help="code of the language")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--widths", type=int, nargs="+", choices=SIZES, default=[360, 1280])
    parser.add_argument("--scenes", nargs="+", choices=SCENES, help="all, if left out")
    parser.add_argument("--fold", action="store_true", help="only what is seen without scrolling")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        film = lesion_video(Path(folder) / "film.mjpeg")
        camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
        chromium = next(filter(None, map(shutil.which, NAMES)))
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *camera])
        if options.address:
            photograph(browser, options.address, options.out, options)
        else:
            with serving("--bundle", str(unguarded_bundle(Path(folder) / "bundle"))) as server:
                photograph(browser, server.address, options.out, options)
        browser.close()


if __name__ == "__main__":
    main()
