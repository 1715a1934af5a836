"""One file: its size, and symbolic links that lead out of where it was looked for."""

import io
from pathlib import Path

import pytest

from publisher.dataset import files
from publisher.dataset.files import check_link, read_bounded, read_text
from publisher.dataset.repository import read_repository
from publisher.errors import CannotRunError


def test_file_over_size_limit_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    (tmp_path / "fits.ttl").write_bytes(b"#" * (1 << 20))
    (tmp_path / "large.ttl").write_bytes(b"#" * ((1 << 20) + 1))
    assert len(read_text(tmp_path / "fits.ttl")) == 1 << 20
    with pytest.raises(CannotRunError, match=r"^large\.ttl: The file exceeds the size limit of 1 MiB\.$"):
        read_text(tmp_path / "large.ttl", "large.ttl")


def test_stream_is_read_up_to_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    stream = io.BytesIO(b"#" * (8 << 20))
    with pytest.raises(CannotRunError, match="size limit"):
        read_bounded(stream, "stdin")
    assert stream.tell() <= 2 << 20


def test_symlink_to_data_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.ttl").write_text("")
    link = tmp_path / "a" / "x.ttl"
    link.symlink_to("../b/x.ttl")
    assert check_link(link, tmp_path / "a", tmp_path / "b") == link
    with pytest.raises(CannotRunError, match="The symbolic link leads out of"):
        check_link(link, tmp_path / "a")


def test_symlink_out_of_root_is_not_read(fork, tmp_path: Path) -> None:
    root = fork({})
    (tmp_path / "secret.ttl").write_text("<urn:a> <urn:b> 'secret' .\n")
    (root / "data" / "leak.ttl").symlink_to(tmp_path / "secret.ttl")
    with pytest.raises(CannotRunError, match=r"leak\.ttl: The symbolic link leads out of"):
        read_repository(root)
    (root / "data" / "leak.ttl").unlink()
    (root / "data" / "same.ttl").symlink_to("dataset.ttl")
    assert "data/same.ttl" in {file.path for file in read_repository(root).files}
