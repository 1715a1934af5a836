"""Writing and comparing the files of a root."""

from pathlib import Path


def write_file(root: Path, path: str, text: str) -> Path:
    """Write a file of a root."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())
    return root / path


def snapshot(root: Path) -> dict[str, bytes]:
    """The bytes of every file of a folder, by its path."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
