"""Programs for Node in tests: packages are installed once for each lock file, pinned by hash, into the user's cache."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from support.optional_packages import missing

INSTALL_SECONDS: Final = 300


def program(name: str) -> str:
    """The path of `node` or `npm`, which the extra `clients` puts beside Python."""
    return str(Path(sys.executable).with_name(name))


def environment() -> dict[str, str]:
    """The environment in which the Node beside this Python is the first found."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def install(locked: Path) -> Path:
    """Return the folder `node_modules` with what a folder's package-lock.json pins."""
    lock = locked / "package-lock.json"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ma-coalitions" / "clients"
    place = cache / f"{locked.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not place.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=cache))
        for file in locked.glob("package*.json"):
            shutil.copy(file, making)
        words = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            words, cwd=making, capture_output=True, text=True, timeout=INSTALL_SECONDS, env=environment()
        )
        if done.returncode:
            shutil.rmtree(making)
            missing(f"{locked.name} could not be installed: {done.stderr.strip()[-300:]}")
        making.rename(place)
    return place / "node_modules"
