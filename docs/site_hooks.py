"""What the site needs beyond docs/: the HTTP reference, and the repository's files that pages name.

MkDocs calls the functions by their names, see mkdocs.yml.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import http_reference

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
HTTP_PAGE = "integrate/http.md"
# Where the site keeps the repository's files outside docs/.
KEPT = "repository"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:)([^)#\s]+)(#[^)]*)?\)")
_MERMAID = re.compile(r"^```mermaid\n(.*?)^```\n", flags=re.DOTALL | re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of a folder in the place of `FOLDER/*`, its index first."""
    config.nav = _expanded(config.nav)
    return config


def _expanded(entry: Any) -> Any:
    if isinstance(entry, list):
        return [_expanded(it) for it in entry]
    if isinstance(entry, dict):
        return {title: _expanded(it) for title, it in entry.items()}
    if not entry.endswith("/*"):
        return entry
    folder = DOCS / entry.removesuffix("/*")
    pages = {page.name for suffix in ("md", "ipynb") for page in folder.glob(f"*.{suffix}")}
    return [f"{folder.name}/{name}" for name in ["index.md", *sorted(pages - {"index.md"})]]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the HTTP reference, and every file outside docs/ that a page names."""
    files.append(File.generated(config, HTTP_PAGE, content=http_reference.reference()))
    named: set[Path] = set()
    waiting = sorted(DOCS.rglob("*.md"))
    while waiting:
        page = waiting.pop()
        for target in _targets(page):
            if target.is_file() and not target.is_relative_to(DOCS) and target not in named:
                named.add(target)
                waiting += [target] if target.suffix == ".md" else []
    for path in sorted(named):
        place = f"{KEPT}/{path.relative_to(ROOT)}"
        files.append(File.generated(config, place, abs_src_path=str(path)))
    return files


def _targets(page: Path) -> Iterator[Path]:
    for _, _, target, _ in _LINK.findall(page.read_text("utf-8")):
        yield Path(os.path.normpath(page.parent / target))


def on_page_markdown(markdown: str, *, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Lead links out of docs/ to where the site keeps the file; a link to a folder becomes its name."""
    place = page.file.src_uri
    here = ROOT / place.removeprefix(f"{KEPT}/") if place.startswith(f"{KEPT}/") else DOCS / place

    def lead(link: re.Match[str]) -> str:
        image, text, target, anchor = link[1], link[2], link[3], link[4] or ""
        path = Path(os.path.normpath(here.parent / target))
        if not path.exists() or not path.is_relative_to(ROOT):
            return link[0]  # a page that is made here, or a mistake, which MkDocs reports
        if path.is_dir():
            if not (path / "index.md").exists():
                return f"{text} (`{path.relative_to(ROOT)}`)"
            path /= "index.md"
        inside = path.is_relative_to(DOCS)
        lies = path.relative_to(DOCS if inside else ROOT).as_posix()
        told = os.path.relpath(lies if inside else f"{KEPT}/{lies}", Path(place).parent)
        return f"{image}[{text}]({told}{anchor})"

    # Drawing a Mermaid graph takes a script from elsewhere: its text is shown instead.
    return _MERMAID.sub(_as_text, _LINK.sub(lead, markdown))


def _as_text(graph: re.Match[str]) -> str:
    lines = "".join(f"    {line}\n" for line in ["```text", *graph[1].splitlines(), "```"])
    return f'??? note "The graph as text (Mermaid)"\n\n{lines}\n'
