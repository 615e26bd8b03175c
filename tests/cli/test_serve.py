import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

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
