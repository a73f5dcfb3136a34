"""How a stream that arrives in blocks is cut into windows."""

from __future__ import annotations

import pytest

from loaders.files.encodings import Encoding
from loaders.files.shapes import Position
from loaders.files.windows import Cut, StreamWindows


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("blocks", [(b"1,long line\n", b"2,next\n"), (b"1,long line\n2,next\n",)])
@pytest.mark.parametrize("window_bytes", [1, 7, 12])
def test_only_the_last_window_says_so_whatever_the_blocks(
    codec: str, blocks: tuple[bytes, ...], window_bytes: int
) -> None:
    stored = iter(block.decode().encode(codec) for block in blocks)
    windows = StreamWindows(stored, Encoding(codec), Cut(window_bytes, b"\n", 100, "a.csv"), Position(0, 1))
    assert [(window.data, window.last) for window in windows] == [(b"1,long line\n", False), (b"2,next\n", True)]
