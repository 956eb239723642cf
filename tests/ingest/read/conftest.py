"""Small files for the tests of readers, and what a reader gives of them."""

from pathlib import Path

import pytest

from ingest.read.registry import read


@pytest.fixture
def file(tmp_path):
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


@pytest.fixture
def items(tmp_path):
    """What a file of this name and content gives."""

    def give(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read(path, name))

    return give
