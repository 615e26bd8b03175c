"""Mutate pictures of every format and decode them: any bytes give a picture or an ImageError, within bounds.

    python tests/fuzz/run.py [--inputs 1000000] [--seed 0] [--processes 2] [--keep DIR]

A process decodes 5,000 inputs of one format and ends. Bounds: 5 s of a processor, 1 GB of memory. What breaks
the property is written to DIR as a file, to be made a test; the exit status is then 1. DIR also has what each
process found: a run that was stopped goes on from there, unless the decoders or the mutations have changed.
Linux only.
"""

import argparse
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from fuzz.journal import Journal, Tally

BOUND_BYTES = 1_000_000_000
_BATCH = 5_000


def fuzz(
    inputs: int,
    *,
    seed: int = 0,
    processes: int = 2,
    formats: Sequence[str] = (),
    journal: Journal | None = None,
) -> dict[str, Tally]:
    """Decode so many mutated files, as many of each format; what a journal has is not done again."""
    kinds = list(formats) or ["any", "BMP", "DICOM", "HEIC", "JPEG", "PNG", "TIFF", "WebP"]
    each = -(-inputs // len(kinds))
    batch = min(_BATCH, -(-each // 2))
    tallies = {kind: Tally() for kind in kinds}
    jobs = [(kind, start, min(batch, each - start)) for start in range(0, each, batch) for kind in kinds]

    def done_or_do(job: tuple[str, int, int]) -> Tally:
        if journal is None:
            return _batch(*job, seed)
        found = journal.find(job)
        if found is None:
            found = _batch(*job, seed)
            journal.add(job, found)
        return found

    with ThreadPoolExecutor(processes) as threads:
        for (kind, _, _), done in zip(jobs, threads.map(done_or_do, jobs), strict=True):
            tallies[kind].counts += done.counts
            tallies[kind].peak_bytes = max(tallies[kind].peak_bytes, done.peak_bytes)
            tallies[kind].findings += done.findings
    return tallies


def _batch(kind: str, start: int, count: int, seed: int) -> Tally:
    """Run a worker, and another one from where it died, until the batch is done."""
    tally, end = Tally(), start + count
    with tempfile.NamedTemporaryFile() as state:
        while start < end:
            state.seek(0)
            state.write(bytes(8))
            state.flush()
            command = [sys.executable, str(Path(__file__).with_name("worker.py")), kind]
            command += [str(seed), str(start), str(end - start), state.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                said = json.loads(done.stdout.splitlines()[-1])
                tally.counts += Counter(said["counts"])
                tally.findings += [(number, why) for number, why in said["findings"]]
                tally.peak_bytes = max(tally.peak_bytes, said["peak_bytes"])
                return tally
            if done.returncode > 0:
                raise RuntimeError(done.stderr)
            died = struct.unpack("<q", Path(state.name).read_bytes())[0]
            kind_of_death = "hang" if -done.returncode == signal.SIGPROF else "crash"
            tally.counts += Counter({kind_of_death: 1, "before a death": died - start})
            tally.findings.append((died, f"{kind_of_death}: {signal.Signals(-done.returncode).name}"))
            start = died + 1
    return tally


def table(tallies: dict[str, Tally]) -> str:
    """Return the table of inputs, pictures, errors, crashes, hangs, others, and peak memory, by format."""
    names = ["format", "inputs", "pictures", "errors", "crashes", "hangs", "other", "peak MB"]
    total = Tally(
        sum((tally.counts for tally in tallies.values()), Counter[str]()),
        max(tally.peak_bytes for tally in tallies.values()),
    )
    rows = [names]
    for kind, tally in {**tallies, "all": total}.items():
        counts = [tally.counts[key] for key in ("picture", "error", "crash", "hang", "finding")]
        numbers = [tally.counts.total(), *counts, round(tally.peak_bytes / 1e6)]
        rows.append([kind, *(f"{number:,}" for number in numbers)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(names))]
    lines = [" | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(lines)


def broken(tallies: dict[str, Tally]) -> list[str]:
    """Return a line for each finding, and for each format that passed the bound on memory."""
    lines = [f"{kind} {number}: {why}" for kind, tally in tallies.items() for number, why in tally.findings]
    return lines + [
        f"{kind}: {tally.peak_bytes / 1e6:.0f} MB"
        for kind, tally in tallies.items()
        if tally.peak_bytes > BOUND_BYTES
    ]


def _keep(tallies: dict[str, Tally], seed: int, folder: Path) -> None:
    from fuzz.corpus import corpus
    from fuzz.worker import input_of

    folder.mkdir(parents=True, exist_ok=True)
    for kind, tally in tallies.items():
        for number, _ in tally.findings:
            (folder / f"{kind}-{seed}-{number}").write_bytes(input_of(kind, seed, number, corpus(kind)))


def _main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--formats", nargs="*", default=())
    parser.add_argument("--keep", type=Path, default=Path(".build/fuzz"))
    asked = parser.parse_args()
    journal = Journal(asked.keep / "done.jsonl", asked.seed)
    tallies = fuzz(
        asked.inputs, seed=asked.seed, processes=asked.processes, formats=asked.formats, journal=journal
    )
    print(table(tallies))
    _keep(tallies, asked.seed, asked.keep)
    lines = broken(tallies)
    print(*lines, sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(_main())
