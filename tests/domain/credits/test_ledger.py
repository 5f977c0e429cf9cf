import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credits.ledger import EntryKind, LedgerAccount, Posting, postings
from domain.errors import Invalid


@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [
        (EntryKind.GRANT, LedgerAccount.ISSUED, LedgerAccount.AVAILABLE),
        (EntryKind.RESERVE, LedgerAccount.AVAILABLE, LedgerAccount.HELD),
        (EntryKind.SETTLE, LedgerAccount.HELD, LedgerAccount.CONSUMED),
        (EntryKind.RELEASE, LedgerAccount.HELD, LedgerAccount.AVAILABLE),
        (EntryKind.REFUND, LedgerAccount.CONSUMED, LedgerAccount.AVAILABLE),
        (EntryKind.EXPIRE, LedgerAccount.AVAILABLE, LedgerAccount.EXPIRED),
        (EntryKind.ADJUST, LedgerAccount.ISSUED, LedgerAccount.AVAILABLE),
    ],
)
def test_each_entry_moves_credits_from_one_account_to_another(
    kind: EntryKind, source: LedgerAccount, target: LedgerAccount
) -> None:
    assert postings(kind=kind, amount=7) == (Posting(source, -7), Posting(target, 7))


def test_an_adjustment_may_take_credits_back() -> None:
    assert postings(kind=EntryKind.ADJUST, amount=-7) == (
        Posting(LedgerAccount.ISSUED, 7),
        Posting(LedgerAccount.AVAILABLE, -7),
    )


@pytest.mark.parametrize("kind", EntryKind)
@pytest.mark.parametrize("amount", [0, -(2**53) - 1, 2**53 + 1])
def test_an_entry_that_moves_nothing_or_too_much_is_refused(kind: EntryKind, amount: int) -> None:
    with pytest.raises(Invalid):
        postings(kind=kind, amount=amount)


@pytest.mark.parametrize("kind", [kind for kind in EntryKind if kind is not EntryKind.ADJUST])
def test_only_an_adjustment_is_negative(kind: EntryKind) -> None:
    with pytest.raises(Invalid):
        postings(kind=kind, amount=-1)


@given(entries=st.lists(st.tuples(st.sampled_from(EntryKind), st.integers(1, 2**53)), max_size=20))
def test_the_accounts_always_sum_to_zero(entries: list[tuple[EntryKind, int]]) -> None:
    moved = [posting for kind, amount in entries for posting in postings(kind=kind, amount=amount)]

    assert sum(posting.delta for posting in moved) == 0
    assert len(moved) == 2 * len(entries)
