import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from dermdistill.cli import main

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
SERVE = [sys.executable, "-c", "from dermdistill.cli import main; main()", "serve", "--bundle", str(TINY)]


def test_it_prints_the_address_answers_there_and_stops_cleanly():
    process = subprocess.Popen(
        [*SERVE, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        assert "tiny_float32 0.1.0" in line
        assert "Not a medical device" in process.stdout.readline()
        with urllib.request.urlopen(f"{address}api/v1/health", timeout=30) as response:
            assert response.status == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert (out, err) == ("Stopped.\n", "")


def test_a_port_in_use_is_one_sentence_and_exit_2():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*SERVE, "--port", port], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"error: Port {port} on 127.0.0.1 is in use; give another with --port.\n"


def test_with_a_key_file_the_api_asks_for_a_key_and_answers_the_named_site(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("a-key-of-the-clinic\n")
    command = [*SERVE, "--port", "0", "--api-key-file", str(keys), "--cors-origin", "https://clinic.example"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}api/v1/model", timeout=30)
        with refused.value:
            assert refused.value.code == 401
        headers = {"X-API-Key": "a-key-of-the-clinic", "Origin": "https://clinic.example"}
        request = urllib.request.Request(f"{address}api/v1/model", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "https://clinic.example"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--api-key-file", "missing"], "error: missing cannot be read (No such file or directory); "),
        (["--cors-origin", "*"], "error: '*' is not a site's origin; "),
    ],
)
def test_a_wrong_key_file_or_site_is_one_sentence_and_exit_2(options, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["dermdistill", *SERVE[3:], *options])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1
