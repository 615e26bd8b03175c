"""What a student costs for what it can: balanced accuracy against the file's size and its answer time."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dermdistill.errors import DataError
from dermdistill.evaluate.figures.paper import COLOURS

COLUMNS = ["experiment", "balanced_accuracy", "low", "high", "megabytes", "milliseconds", "model_sha256"]
LATENCY_COLUMNS = ["model_sha256", "milliseconds"]

MARKERS = "oD^s"  # the next when the colours come round


def frontier_frame(
    table: pd.DataFrame, bundles: Mapping[str, dict[str, Any]], latency: Mapping[str, float]
) -> pd.DataFrame:
    """A row for each experiment that has a file, smallest first: `COLUMNS`.

    Args:
        table: as `ablation_frame` makes it; its prior-corrected balanced accuracy is taken.
        bundles: by experiment, what its bundle.json says.
        latency: milliseconds an image by SHA-256 of the model file; NaN where it was not measured.
    """
    asked = (table["figure"] == "balanced_accuracy") & (table["decision"] == "argmax_p_over_prior")
    rows = []
    for row in table[asked].itertuples():
        spec = bundles.get(str(row.experiment))
        if spec is not None:
            file = _model_file(spec)
            milliseconds = latency.get(file["sha256"], np.nan)
            cost = (file["bytes"] / 1e6, milliseconds, file["sha256"])
            rows.append((row.experiment, row.value, row.low, row.high, *cost))
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("megabytes", ignore_index=True)


def find_bundle(folder: Path, others: Iterable[Path] = ()) -> dict[str, Any] | None:
    """The bundle.json of a folder of results, or of the other bundle whose model file its report measured.

    Raises:
        DataError: a file there is no JSON, or a bundle.json names no model file.
    """
    for path in (folder / "bundle.json", folder / "bundle" / "bundle.json"):
        if path.exists():
            return _read_bundle(path)
    report = folder / "report.json"
    measured = _read(report).get("source", {}).get("model_sha256") if report.exists() else None
    for path in others:
        spec = _read_bundle(path / "bundle.json")
        if measured and _model_file(spec)["sha256"] == measured:
            return spec
    return None


def read_latency(path: Path) -> dict[str, float]:
    """Milliseconds by SHA-256 of the model file, as benchmarks/latency.py writes them.

    Raises:
        DataError: the file cannot be read or lacks a column.
    """
    try:
        table = pd.read_csv(path)[LATENCY_COLUMNS]
        return dict(zip(table["model_sha256"], table["milliseconds"].astype(float), strict=True))
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path} is not a table of {' and '.join(LATENCY_COLUMNS)}; see benchmarks/latency.py."
        ) from error


def draw_frontier(frame: pd.DataFrame, axes: Axes) -> None:
    """Balanced accuracy over megabytes; a dot's area grows with its milliseconds, hollow if not measured."""
    for number, row in enumerate(frame.to_dict("records")):
        colour, size, value = COLOURS[number % len(COLOURS)], row["megabytes"], row["balanced_accuracy"]
        measured = not np.isnan(row["milliseconds"])
        time = f"{row['milliseconds']:.1f} ms" if measured else "time not measured"
        area = 12 * row["milliseconds"] if measured else 40
        reach = [[value - row["low"]], [row["high"] - value]]
        axes.errorbar(size, value, yerr=reach, color=colour, capsize=3, linewidth=1)
        axes.scatter(
            size,
            value,
            s=area,
            zorder=3 + 1 / area,  # a small dot lies on a large one, not under it
            facecolor=colour if measured else "none",
            edgecolor=colour,
            marker=MARKERS[number // len(COLOURS) % len(MARKERS)],
            label=f"{row['experiment']}, {time}",
        )
    axes.set(xlabel="file, MB", ylabel="balanced accuracy, 95 % interval", title="What a student costs")
    # Room for the legend below all intervals: two columns, each line at most 7 % of the height.
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.07 * -(-len(frame) // 2) * (high - low), high)
    axes.legend(loc="lower center", fontsize=8, ncols=2)


def _model_file(spec: dict[str, Any]) -> dict[str, Any]:
    file: dict[str, Any] = spec["files"][spec["model_file"]]
    return file


def _read_bundle(path: Path) -> dict[str, Any]:
    spec = _read(path)
    try:
        if {"sha256", "bytes"} <= _model_file(spec).keys():
            return spec
    except (KeyError, TypeError, AttributeError):
        pass
    raise DataError(f"{path} does not name its model file; export the bundle again.")


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON; write it again.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} holds no settings; write it again.")
    return content
