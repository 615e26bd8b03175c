"""Measure in how many of 100 melanomas a bundle's assessment says "no sign", and write it into bundle.json.

For a bundle exported before export measured it itself; weights and thresholds stay as they are, the seal is
renewed. From the root:
    python benchmarks/missed_melanomas.py src/dermdistill/bundles/mobilenet_v2 \
        results/shipped/mobilenet_v2/predictions.csv
"""

import sys
from pathlib import Path

from dermdistill.bundle import open_bundle, write_bundle
from dermdistill.export.export import REPORT_SPLIT
from dermdistill.export.missed_melanomas import with_missed_melanomas
from dermdistill.metrics.predictions import read_predictions


def measure(bundle_dir: Path, predictions_path: Path) -> None:
    """Write the measure of each operating point; nothing else of the bundle changes."""
    bundle = open_bundle(bundle_dir)
    files = dict(bundle.contents)
    model_bytes = files.pop(bundle.spec.model_file)
    spec = with_missed_melanomas(bundle.spec, read_predictions(predictions_path), REPORT_SPLIT)
    write_bundle(bundle_dir, spec, model_bytes, files)
    for point in spec.operating_points:
        print(point.target, point.sensitivity, point.missed_melanomas)


if __name__ == "__main__":
    measure(*map(Path, sys.argv[1:]))
