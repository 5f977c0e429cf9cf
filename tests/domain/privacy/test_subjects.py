import re

import pytest

from domain.identity import email_identity
from domain.privacy.subjects import ERASED, subject_of

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("email", "same", "other"),
    [
        (
            "ada@x.example",
            ["ADA@X.example", "ada+sales@x.example", " ada@x.example "],
            ["ada@xx.example", "a.da@x.example"],
        ),
        ("a.da@gmail.com", ["ada@googlemail.com", "A.D.A+x@Gmail.com"], ["adab@gmail.com", "ada@gmail.co"]),
        ("ada@bücher.example", ["ada@xn--bcher-kva.example", "Ada@BÜCHER.example"], ["ada@bucher.example"]),
        ("o'neil@x.example", ["O'Neil@x.example"], ["oneil@x.example"]),
        ('"a b"@x.example', ['"A B"@x.example'], ["a b@x.example"]),
    ],
)
def test_an_address_is_recognised_in_every_spelling_that_folds_to_it(
    email: str, same: list[str], other: list[str]
) -> None:
    pattern = re.compile(subject_of(email, key=KEY).address, re.IGNORECASE)

    for spelling in (email, *same):
        assert email_identity(spelling) == email_identity(email)
        assert pattern.search(spelling), spelling
    for spelling in other:
        assert not pattern.search(spelling), spelling


def test_mentions_are_found_in_sentences_but_not_inside_longer_addresses() -> None:
    text = "Ask <ada@x.example>, Ada@X.Example. Not: x.ada@x.example, ada@x.example.org, ada@x.examples"
    mention = subject_of("ada@x.example", key=KEY).mention

    assert re.sub(mention, ERASED, text, flags=re.IGNORECASE) == (
        f"Ask <{ERASED}>, {ERASED}. Not: x.ada@x.example, ada@x.example.org, ada@x.examples"
    )
