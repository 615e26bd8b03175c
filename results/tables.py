"""Write the tables of figures into the documents. `make results` runs it; tests/test_results.py holds it.

A table stands between `<!-- table: NAME -->` and `<!-- /table -->`; results/tables.toml says what is in it.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

import not_reached

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"
DOCUMENTS = [ROOT / "README.md", RESULTS / "README.md", ROOT / "benchmarks" / "README.md"]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
SHIPPED = ROOT / "src" / "dermdistill" / "bundles" / "mobilenet_v2" / "bundle.json"
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- /table -->)", re.DOTALL)
RULES = {
    "prior-corrected": "argmax_p_over_prior",
    "half prior-corrected": "argmax_p_over_root_prior",
    "argmax class": "argmax_p",
}
DECISION = ("accuracy", "balanced_accuracy", "macro_f1")
PROBABILITY = ("macro_auc", "melanoma_auc", "ece")
NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "macro_auc": "macro-AUC",
    "melanoma_auc": "melanoma AUC",
    "specificity_at_95_melanoma_sensitivity": "specificity at 95 % melanoma sensitivity",
    "ece": "ECE",
}
ASKED = tomllib.loads((RESULTS / "tables.toml").read_text("utf-8"))
Rows = Iterable[Iterable[object]]


def markdown(header: Iterable[str], rows: Rows) -> str:
    """A markdown table, a line a row."""
    titles = list(header)
    lines = [titles, ["---"] * len(titles), *([str(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("|  |", "| |")


def interval(value: float, low: float, high: float) -> str:
    """A figure with its 95 % interval."""
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _figures() -> dict[str, Any]:
    return dict(json.loads((RESULTS / "figures.json").read_text("utf-8")))


def _bundle() -> dict[str, Any]:
    return dict(json.loads(SHIPPED.read_text("utf-8")))


def networks(name: str) -> str:
    """The networks of a list of tables.toml, a row a rule, then what is published."""
    figures, rows = _figures(), []
    for entry in ASKED[name]:
        measured = figures[entry["from"]]
        # A bundle decides by scaled probabilities; where nothing could fit a temperature, by those it has.
        scaled = measured.get("calibrated", measured["probabilities"] | measured["argmax_p_over_prior"])
        for number, rule in enumerate(entry["rules"]):
            label = f"[{entry['label']}](../results/{entry['from']})"
            decided = scaled if rule == "prior-corrected" else measured[RULES[rule]]
            said = [interval(*scaled[it]) for it in PROBABILITY] if number == 0 else ["as above"] * 3
            first = f"{label if number == 0 else 'the same'}, {rule}"
            rows.append([first, *(interval(*decided[it]) for it in DECISION), *said])
    rows += [[entry["label"], *entry["cells"]] for entry in ASKED["published"]]
    return markdown(["", *(NAMES[it] for it in (*DECISION, *PROBABILITY))], rows)


def readme() -> str:
    """The shipped bundle on every source of the board, and the best published figure beside it."""
    spec = _bundle()
    board = pd.read_csv(RESULTS / "shipped" / "board.csv", keep_default_na=False)
    board = board[board["model"] == f"{spec['name']} {spec['version']}"]
    asked = ASKED["readme"]
    rows = []
    for entry in asked["sources"]:
        part = board[(board["source"] == entry["source"]) & (board["slice"] == entry["slice"])]
        told = part.set_index("figure")
        cells = [
            _cell(told.loc[figure]) if figure in told.index else "not measured" for figure in asked["figures"]
        ]
        rows.append([entry["label"], f"{part['images'].iloc[0]:,}" if len(part) else "", *cells])
    rows.append(asked["published"])
    return markdown(["", "images", *asked["figures"].values()], rows)


def _cell(row: Any) -> str:
    return row["why_not"] or interval(*(float(row[it]) for it in ("value", "low", "high")))


NONE = "\N{EN DASH}"
BOARD = {
    "balanced_accuracy": "balanced accuracy",
    "macro_auc": "macro-AUC",
    "melanoma_auc": "melanoma AUC",
    "malignant_auc": "malignant AUC",
    "malignant_sensitivity": "malignant found",
    "malignant_specificity": "others left alone",
    "refused": "refused",
}


AIMS = ("balanced_accuracy", "macro_auc", "melanoma_auc", "malignant_auc", "refused")


def _board() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """A source and kind of picture as tables.toml asks for it, and its row of the board."""
    told = json.loads((RESULTS / "shipped" / "board.json").read_text("utf-8"))["board"]
    rows = {(row["source"], row["slice"]): row for row in told if row["attribute"] in ("all", "picture")}
    return ((asked, rows[asked["source"], asked.get("slice", "all")]) for asked in ASKED["board"])


def board() -> str:
    """The shipped student on the test part of each source, a row a source and kind of picture."""
    cells = []
    for asked, row in _board():
        figures = (interval(**row["figures"][name]) for name in BOARD)
        cells.append([asked["label"], f"{row['images']:,} ({row['groups']:,})", *figures])
    return markdown(["test part of", "images (groups)", *BOARD.values()], cells)


def aims_by_source() -> str:
    """What the board shows beside what was aimed for; what reaches it is bold."""
    cells = []
    for asked, row in _board():
        told = [asked["label"]]
        for name in AIMS:
            aim, value = asked["aims"].get(name), row["figures"][name]["value"]
            lower = name == "refused"
            reached = aim is not None and (value <= aim if lower else value >= aim)
            shown = f"**{value:.3f}**" if reached else f"{value:.3f}"
            told.append("\N{EN DASH}" if aim is None else f"{shown} ({'≤' if lower else '≥'} {aim})")
        cells.append(told)
    return markdown(["test part of", *(BOARD[name] for name in AIMS)], cells)


def card_model() -> str:
    """What the shipped bundle says of itself."""
    spec = _bundle()
    file = spec["files"][spec["model_file"]]
    embedding = spec["outputs"]["embedding"]["shape"][0]
    return markdown(
        ["", ""],
        [
            ["name and version", f"{spec['name']} {spec['version']}"],
            ["file", f"LiteRT, {spec['quantization']}, {file['bytes'] / 1e6:.2f} MB"],
            ["classes", ", ".join(entry["code"] for entry in spec["classes"])],
            ["trained on", "; ".join(entry["name"] for entry in spec["training"]["datasets"])],
            ["licences", "; ".join(sorted({entry["licence"] for entry in spec["training"]["datasets"]}))],
            ["temperature", f"{spec['temperature']:.3f}"],
            ["embedding", f"{embedding} numbers"],
        ],
    )


def card_figures() -> str:
    """The shipped bundle's figures on test, as it decides."""
    values = _bundle()["metrics"]["values"]
    rows = [(NAMES[it], interval(**values[it])) for it in (*DECISION, *PROBABILITY)]
    return markdown(["figure", "value"], rows)


def card_classes() -> str:
    """Sensitivity and specificity of each class on test, as the shipped bundle decides."""
    spec = _bundle()
    values = spec["metrics"]["values"]
    asked = ("sensitivity", "specificity")
    rows = [
        (entry["code"], *(interval(**values[f"{it}_{entry['code']}"]) for it in asked))
        for entry in spec["classes"]
    ]
    return markdown(["class", *asked], rows)


def card_operating_points() -> str:
    """The shipped bundle's thresholds, and what they gave on test."""
    rows = []
    for point in _bundle()["operating_points"]:
        predictive = (point["positive_predictive_value"], point["negative_predictive_value"])
        rows.append(
            [
                f"p({point['target']}) is at or above",
                f"{point['sensitivity']:.0%}",
                f"{point['threshold']:.4f}",
                f"{point['measured_sensitivity']:.3f}",
                f"{point['measured_specificity']:.3f}",
                f"{predictive[0]:.3f}, {predictive[1]:.3f} at {point['prevalence']:.0%}",
            ]
        )
    header = ["refer when", "fitted for", "threshold", "sensitivity on test", "specificity on test"]
    return markdown([*header, "PPV, NPV at a prevalence of"], rows)


def card_slices() -> str:
    """The shipped student by skin tone, age and sex on each source, where the board has figures."""
    told = json.loads((RESULTS / "shipped" / "board.json").read_text("utf-8"))["board"]
    asked = ("malignant_auc", "melanoma_auc", "malignant_sensitivity", "malignant_specificity", "refused")
    rows = [
        [
            row["source"],
            f"{row['attribute']}: {row['slice']}",
            f"{row['images']:,} ({row['groups']:,})",
            row["melanomas"],
            *(_known(row["figures"][it]) for it in asked),
        ]
        for row in told
        if row["attribute"] not in ("all", "picture")
        and "unknown" not in row["slice"]
        and _known(row["figures"]["malignant_auc"]) != NONE
    ]
    header = ["test part of", "part", "images (groups)", "melanomas", *(BOARD[it] for it in asked)]
    return markdown(header, rows)


def _known(figure: dict[str, float] | None) -> str:
    return NONE if figure is None or figure.get("low") is None else interval(**figure)


def data_sheet_splits() -> str:
    """Images and lesions of each split."""
    splits = pd.read_csv(RESULTS / "splits.csv")
    names = ("train", "val", "test")
    images, lesions = splits.groupby("split").size(), splits.groupby("split")["lesion_id"].nunique()
    rows = [
        ("prepared", f"{len(splits):,}", f"{splits['lesion_id'].nunique():,}"),
        (" / ".join(names), *(" / ".join(f"{it[name]:,}" for name in names) for it in (images, lesions))),
    ]
    return markdown(["", "images", "lesions"], rows)


def frontier() -> str:
    """Balanced accuracy, size and time of each file, smallest first."""
    table = pd.read_csv(RESULTS / "shipped" / "frontier.csv")
    rows = [
        [
            ASKED["frontier"][row["experiment"]],
            interval(row["balanced_accuracy"], row["low"], row["high"]),
            f"{row['megabytes']:.2f} MB",
            f"{row['milliseconds']:.1f} ms",
        ]
        for _, row in table.iterrows()
    ]
    return markdown(["", "balanced accuracy", "file", "LiteRT, one image"], rows)


def comparison(name: str) -> str:
    """Experiments side by side: a row a figure and rule; a gain whose interval leaves out 0 is bold."""
    columns = ASKED["comparisons"][name]["columns"]
    tables = {path: _read_comparison(path) for _, path, _, _ in columns}
    rows = [(rule, it) for rule in RULES for it in DECISION]
    rows += [("", it) for it in NAMES if it not in DECISION]
    lines = []
    for rule, it in rows:
        key = (RULES.get(rule, "any"), it)
        cells = [_compared(tables[path].loc[(shown, *key)], kind) for _, path, shown, kind in columns]
        lines.append([f"{NAMES[it]}, {rule}" if rule else NAMES[it], *cells])
    return markdown(["figure", *(title for title, *_ in columns)], lines)


def _read_comparison(path: str) -> pd.DataFrame:
    return pd.read_csv(RESULTS / f"{path}.csv").set_index(["experiment", "decision", "figure"]).sort_index()


def _compared(row: Any, kind: str) -> str:
    if kind == "value":
        return f"{row['value']:.3f}"
    if kind == "interval":
        return interval(row["value"], row["low"], row["high"])
    gain = f"{row['gain']:+.3f} [{row['gain_low']:+.3f}, {row['gain_high']:+.3f}]"
    return f"**{gain}**" if row["sure"] == "yes" else gain


def index(room: str) -> str:
    """Every result of a room: what it is, and its figures where it has predictions."""
    figures, rows = _figures(), []
    for folder in sorted(path for path in (RESULTS / room).iterdir() if path.is_dir()):
        name = f"{room}/{folder.name}"
        said = [""] * 4
        if measured := figures.get(name):
            shown = [measured["argmax_p"]["accuracy"], measured["argmax_p_over_prior"]["balanced_accuracy"]]
            shown += [measured["probabilities"][it] for it in ("macro_auc", "melanoma_auc")]
            said = [f"{value:.3f}" for value, _, _ in shown]
        rows.append([f"[{folder.name}]({name})", _about(name), *said])
    header = ["folder", "what it is", "accuracy, argmax class", "balanced accuracy, prior-corrected"]
    return markdown([*header, "macro-AUC", "melanoma AUC"], rows)


def _about(name: str) -> str:
    if name in ASKED["about"]:
        return str(ASKED["about"][name])
    header = (ROOT / "recipes" / f"{name}.toml").read_text("utf-8").partition("\n# Paper:")[0]
    sentences = " ".join(line.removeprefix("# ") for line in header.splitlines())
    return re.split(r"(?<=[.:]) ", sentences, maxsplit=1)[0].rstrip(":") + f" Made by recipes/{name}.toml."


def aims() -> str:
    """What was aimed for on HAM10000, and what reaches it."""
    rows = [(NAMES[name], *cells) for name, *cells in not_reached.rows(_figures())]
    return markdown(["", *not_reached.HEADER], rows)


TABLES: dict[str, Callable[[], str]] = {
    "board": board,
    "aims": aims,
    "aims_by_source": aims_by_source,
    "readme": readme,
    "results": lambda: networks("results"),
    "card_model": card_model,
    "card_figures": card_figures,
    "card_classes": card_classes,
    "card_operating_points": card_operating_points,
    "card_slices": card_slices,
    "data_sheet_splits": data_sheet_splits,
    "frontier": frontier,
    **{name: (lambda name=name: comparison(name)) for name in ASKED["comparisons"]},
    **{f"index_{room}": (lambda room=room: index(room)) for room in ("shipped", "teachers", "ablations")},
}


def written(text: str) -> str:
    """A document with its tables as the results have them now."""
    return MARKED.sub(lambda mark: f"{mark[1]}{TABLES[mark[2]]()}{mark[3]}", text)


def main() -> None:
    """Write the tables of every document."""
    for path in DOCUMENTS:
        before = path.read_text("utf-8")
        if (after := written(before)) != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote the tables of {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
