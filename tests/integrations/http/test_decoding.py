import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.http.decoding import BodyBroken, BodyDecoder, BodyTooLarge


@settings(max_examples=60)
@given(
    st.binary(max_size=5000),
    st.sampled_from(["", "identity", "gzip", "x-gzip", "deflate", "GZip"]),
    st.integers(1, 700),
)
def test_what_was_encoded_comes_back_whatever_the_chunks(body: bytes, encoding: str, size: int) -> None:
    if encoding.lower() in ("gzip", "x-gzip"):
        encoded = gzip.compress(body)
    else:
        encoded = zlib.compress(body) if encoding == "deflate" else body
    decoder = BodyDecoder(encoding=encoding, limit=10_000)
    for at in range(0, len(encoded), size):
        decoder.feed(encoded[at : at + size])

    assert decoder.finish() == body


def test_a_bomb_is_stopped_at_the_limit_and_not_after_unpacking() -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    decoder = BodyDecoder(encoding="gzip", limit=2_000_000)
    with pytest.raises(BodyTooLarge):
        decoder.feed(bomb)
    assert len(decoder._body) <= 2_000_000 + 64 * 1024


def test_a_bomb_below_the_limit_is_stopped_by_its_ratio() -> None:
    decoder = BodyDecoder(encoding="gzip", limit=100_000_000)
    with pytest.raises(BodyTooLarge, match="unpacks"):
        decoder.feed(gzip.compress(b"\0" * 30_000_000))


def test_plain_bodies_are_limited_too() -> None:
    decoder = BodyDecoder(encoding="", limit=10)
    decoder.feed(b"0123456789")
    with pytest.raises(BodyTooLarge):
        decoder.feed(b"x")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x" * 99])
def test_encodings_nobody_asked_for_are_refused(encoding: str) -> None:
    with pytest.raises(BodyBroken):
        BodyDecoder(encoding=encoding, limit=10)


def test_damaged_and_cut_off_bodies_are_refused() -> None:
    with pytest.raises(BodyBroken):
        BodyDecoder(encoding="gzip", limit=99).feed(b"not gzip at all")
    decoder = BodyDecoder(encoding="gzip", limit=99)
    decoder.feed(gzip.compress(b"hello")[:-4])
    with pytest.raises(BodyBroken):
        decoder.finish()
