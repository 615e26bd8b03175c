"""The whole command on a Ray cluster of two workers on this machine, started once."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from filelock import FileLock
from pyarrow import parquet

from dermdistill.files import LOCK

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
RAY = Path(sys.executable).with_name("ray")
COMMAND = [sys.executable, "-c", "from dermdistill.cli import main; main()", "predict"]


@pytest.fixture(scope="module")
def environment():
    """For Ray's many processes: none of them may build the grammar that jsonschema looks for."""
    source = str(Path(__file__).parents[2] / "src")
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are too long for the names of Ray's sockets
        (Path(folder) / "rfc3987_syntax.py").write_text("raise ImportError\n")
        yield os.environ | {
            "PYTHONPATH": f"{folder}:{source}",
            "RAY_TMPDIR": folder,
            "RAY_AUTH_MODE": "disabled",
            "RAY_USAGE_STATS_ENABLED": "0",
        }


@pytest.fixture(scope="module")
def predict(environment):
    def start(*words):
        asked = [*COMMAND, "--bundle", str(TINY), *map(str, words)]
        return subprocess.Popen(asked, env=environment, stderr=subprocess.PIPE, text=True)

    def run(*words):
        process = start(*words)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    run.start = start
    return run


def rows_in(out):
    parts = sorted(out.glob("part-*.parquet"))
    return [row for part in parts for row in parquet.read_table(part).to_pylist()]


@pytest.mark.slow
def test_the_rows_are_those_of_one_machine_although_a_worker_is_killed(predict, folder, expected, tmp_path):
    out = tmp_path / "out"
    process = predict.start(folder, "--out", out, "--ray", "local", "--images-per-part", 1)
    while not (workers := _workers_of(process.pid)) and process.poll() is None:
        time.sleep(0.05)
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1, said
    assert rows_in(out) == list(expected.values())
    assert "9 images answered in" in said
    assert "2 of them with an error" in said
    assert re.search(r"\d+ images in \d+ parts, [\d.]+ images/s, \d+ failed", said)


def _workers_of(parent):
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    lines = [line.split(None, 2) for line in listed.stdout.splitlines()[1:]]
    family = {str(parent)}
    for _ in range(4):
        family |= {pid for pid, above, _ in lines if above in family}
    return [int(pid) for pid, _, words in lines if pid in family and "ray::MapWorker" in words]


@pytest.mark.parametrize("address", ["local", "10.0.0.1:6379"])
def test_only_a_cluster_of_this_machine_alone_is_on_loopback(environment, address):
    asked = (
        f"from dermdistill.cluster.connection import load_ray; ray = load_ray({address!r}); "
        "print(ray._private.ray_constants.ENABLE_RAY_CLUSTER, ray.util.get_node_ip_address())"
    )
    said = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=False
    )
    if address == "local":
        assert said.stdout == "False 127.0.0.1\n", said.stderr
    else:  # what it is then, the machine's network says
        assert said.stdout.startswith("True "), said.stderr


@pytest.mark.parametrize("address", ["127.0.0.1:9", "nonsense"])
def test_an_address_that_does_not_answer_is_told_at_once(predict, folder, tmp_path, address):
    code, said = predict(folder, "--out", tmp_path / "out", "--ray", address)
    assert code == 2
    assert said.count("\n") == 1
    assert f"error: No Ray cluster answers at {address}; check the address" in said or "is no address" in said
    assert not (tmp_path / "out").exists()


def test_two_runs_into_one_folder_are_told(predict, folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with FileLock(out / LOCK):
        code, said = predict(folder, "--out", out, "--ray", "local")
    assert code == 2
    assert f"error: Another process is writing to {out}; wait until it ends" in said


def test_a_file_for_the_folder_is_told(predict, folder, tmp_path):
    (tmp_path / "answers.csv").write_text("precious")
    code, said = predict(folder, "--out", tmp_path / "answers.csv", "--ray", "local")
    assert code == 2
    assert "answers.csv is a file; with --ray, --out is a folder for the parts of the table." in said
    assert (tmp_path / "answers.csv").read_text() == "precious"


def test_without_ray_it_says_what_to_install(predict, folder, tmp_path, environment, monkeypatch):
    (tmp_path / "fsspec.py").write_text("raise ModuleNotFoundError('no', name='fsspec')\n")
    monkeypatch.setitem(environment, "PYTHONPATH", f"{tmp_path}:{environment['PYTHONPATH']}")
    code, said = predict(folder, "--out", tmp_path / "out", "--ray", "local")
    assert code == 2
    assert "--ray needs fsspec, which is not installed; pip install 'dermdistill[ray]'." in said
