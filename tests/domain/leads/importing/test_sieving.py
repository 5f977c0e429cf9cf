"""A sieve never holds back what it was made of, and holds back nearly everything else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads.importing.sieving import lets_all_through, make_sieve, through


def hashes(start: int, count: int) -> list[bytes]:
    return [hashlib.sha256(b"%d" % number).digest() for number in range(start, start + count)]


@given(st.lists(st.binary(min_size=4, max_size=4), max_size=300))
def test_what_it_was_made_of_gets_through(beginnings: list[bytes]) -> None:
    sieve = make_sieve(b"".join(beginnings))
    assert all(map(through(sieve), beginnings))
    assert lets_all_through(sieve, b"".join(beginnings))


@pytest.mark.parametrize(("count", "size"), [(0, 1 << 10), (100, 1 << 10), (5_000, 1 << 16)])
def test_nearly_everything_else_is_held_back(count: int, size: int) -> None:
    sieve = make_sieve(b"".join(key[:4] for key in hashes(0, count)))
    others = hashes(1_000_000, 10_000)

    assert len(sieve) == size
    assert sum(map(through(sieve), others)) < 10_000 / 50
    assert not lets_all_through(sieve, b"".join(key[:4] for key in others))


def test_its_size_has_an_end() -> None:
    assert len(make_sieve(b"\0\0\0\1" * 3_000_000)) == 1 << 23
