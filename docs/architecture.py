"""The house as it is: which room imports which, read from the code. `make docs` writes docs/architecture.md.

tests/test_architecture.py holds the rules, with the same reader.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dermdistill"
MODULES = sorted(SOURCE.rglob("*.py"))
PAGE = ROOT / "docs" / "architecture.md"
# From the ground up: a room may import those above it in its list, and what MAY_IMPORT adds.
GROUND = ["errors", "constants", "strict_json", "classes", "files", "parallel", "plugins", "runs"]
GROUND += ["imaging", "bundle"]
CLINIC = ["inference", "cluster", "records", "web", "production"]
LAB = [
    "tables",
    "metrics",
    "data",
    "models",
    "distill",
    "evaluate",
    "rebalance",
    "generate",
    "sweep",
    "export",
    "publish",
    "reopen",
    "lab",
]
MAY_IMPORT = {
    "": set[str](),
    **{room: set(GROUND[:place]) for place, room in enumerate(GROUND)},
    **{room: set(GROUND) | set(CLINIC[:place]) for place, room in enumerate(CLINIC)},
    **{room: set(GROUND) | set(LAB[:place]) for place, room in enumerate(LAB)},
    "cli": {*GROUND, *CLINIC, *LAB},
}
# To score an exported file, to check its parity, and to predict, with the engine that people will run.
for _room in ("evaluate", "export", "publish", "lab"):
    MAY_IMPORT[_room] |= {"inference"}
MAY_IMPORT["publish"] |= {"records"}


def module_name(path: Path) -> str:
    """`dermdistill.data.splits` for its file; a package for its `__init__.py`."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(path) for path in MODULES}


def room_of(module: str) -> str:
    """`dermdistill.data.splits` is in the room `data`; `dermdistill` itself is in the room ``."""
    return module.split(".")[1] if "." in module else ""


def imported_modules(path: Path) -> Iterator[str]:
    """Every module of ours that a file imports, at its top or inside a function, absolute or relative."""
    package = ["dermdistill", *path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            # `from dermdistill.web import app` imports the module app; `... import create_app` the package.
            full = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if base == "dermdistill" or name in NAMES else base for name in full]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "dermdistill" and "__" not in name)


def room_imports() -> dict[str, set[str]]:
    """For each room, the rooms that it imports."""
    found: dict[str, set[str]] = {}
    for path in MODULES:
        room = room_of(module_name(path))
        found.setdefault(room, set()).update(room_of(name) for name in imported_modules(path))
    return {room: others - {room, ""} for room, others in found.items() if room}


def _purpose(room: str) -> str:
    file = SOURCE / f"{room}.py"
    path = file if file.exists() else SOURCE / room / "__init__.py"
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


def _reached(room: str, imports: dict[str, set[str]]) -> set[str]:
    return imports[room].union(*(_reached(other, imports) for other in imports[room]))


def page() -> str:
    """The text of docs/architecture.md."""
    imports = room_imports()
    order = [room for room in [*GROUND, *LAB, *CLINIC, "cli"] if room in imports]
    lines = [
        "# The house",
        "",
        "Made by `make docs` from the code. A room imports only rooms below it, and no module imports itself",
        "by way of others. `tests/test_architecture.py` holds both. The clinic half (`inference`, `web`,",
        "`production`) never loads TensorFlow, pandas or scikit-learn.",
        "",
        "| room | what it is for | imports |",
        "|---|---|---|",
    ]
    for room in order:
        below = ", ".join(other for other in order if other in imports[room])
        lines.append(f"| `{room}` | {_purpose(room)} | {below} |")
    lines += [
        "",
        "An arrow says what a room imports; what it reaches through another room has no arrow of its own.",
        "",
        "```mermaid",
        "graph BT",
    ]
    for room in order:
        through = set().union(*(_reached(other, imports) for other in imports[room]))
        lines += [f"  {room} --> {other}" for other in order if other in imports[room] - through]
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
