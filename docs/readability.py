"""Grades of readability of README and the site's pages: Flesch-Kincaid, and the longest sentence.

`python docs/readability.py [--against COMMIT]` prints a line a page. Tables, code, addresses and
titles of works (emphasis of six words or more) are left out.
"""

import argparse
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
GENERATED = {"docs/cli.md", "docs/recipes.md", "docs/architecture.md", "docs/endurance.md"}
# Highest grade, and the most words in a sentence where that is held.
USE, ELSEWHERE, LONGEST = 9.0, 12.0, 25


def prose(markdown: str) -> str:
    """What a person reads as sentences: each paragraph and each item ends with a stop."""
    text = re.sub(r"^---\n.*?\n---\n|^```.*?^```|<!--.*?-->", "", markdown, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(\||#|!\[|<).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![*\w])\*(?:[^*\s]+\s+){5,}[^*\s]+\*(?!\*)", "", text)
    text = re.sub(r"^\s*(?:[-*>]|\d+\.)\s+", "\n", text, flags=re.MULTILINE)
    text = re.sub(r"[`*_]", "", text)
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text)]
    return "\n".join(block if block.endswith((".", "!", "?")) else f"{block}." for block in blocks if block)


def sentences(text: str) -> list[str]:
    """The sentences of prose; a colon or semicolon does not end one."""
    return [it for it in re.split(r"(?<=[.!?])\s+", text) if re.search(r"\w", it)]


def grade(text: str) -> float:
    """Flesch-Kincaid grade: years of school that a reader needs (Kincaid et al. 1975)."""
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", text)
    per_sentence, per_word = len(words) / len(sentences(text)), sum(map(syllables, words)) / len(words)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59


@cache
def syllables(word: str) -> int:
    """Syllables of an English word, by the places at which it may be hyphenated."""
    import pyphen  # noqa: PLC0415 - sentences are counted without it

    return len(_hyphens(pyphen).positions(word.lower())) + 1


@cache
def _hyphens(pyphen: Any) -> Any:
    return pyphen.Pyphen(lang="en_US")


def limit(name: str) -> float:
    """The highest grade that a page may have."""
    return USE if name.startswith(("README", "docs/use/", "docs/patients")) else ELSEWHERE


def pages() -> list[str]:
    """README and the pages of the site that people write, as names from the root."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [name for path in found if (name := path.relative_to(ROOT).as_posix()) not in GENERATED]


def main() -> None:
    """Print the grades, and those before where a commit is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", help="a commit whose pages are graded, too")
    options = parser.parse_args()
    print("page | grade | limit | longest sentence, words | before")
    for name in pages():
        if not (text := prose((ROOT / name).read_text("utf-8"))):
            continue
        longest = max(len(it.split()) for it in sentences(text))
        before = _before(options.against, name) if options.against else ""
        print(f"{name} | {grade(text):.1f} | {limit(name):.0f} | {longest} | {before}")


def _before(commit: str, name: str) -> str:
    asked = ["git", "show", f"{commit}:{name}"]
    shown = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return f"{grade(prose(shown.stdout)):.1f}" if shown.returncode == 0 else "not there"


if __name__ == "__main__":
    main()
