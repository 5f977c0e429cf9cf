from uuid import UUID

from domain.runs.assigning import SenderLoad, assign_senders

SMALL, LARGE = UUID(int=1), UUID(int=2)
PEOPLE = [UUID(int=100 + n) for n in range(6)]


def _load(sender_id: UUID, assigned: int, daily_limit: int) -> SenderLoad:
    return SenderLoad(sender_id=sender_id, assigned=assigned, daily_limit=daily_limit)


def test_leads_are_shared_out_in_proportion_to_what_senders_may_send() -> None:
    chosen = assign_senders(PEOPLE, loads=[_load(SMALL, 0, 10), _load(LARGE, 0, 20)], known={})

    assert list(chosen) == PEOPLE
    assert (list(chosen.values()).count(SMALL), list(chosen.values()).count(LARGE)) == (2, 4)


def test_a_sender_that_was_given_much_today_gets_less() -> None:
    chosen = assign_senders(PEOPLE, loads=[_load(SMALL, 0, 10), _load(LARGE, 19, 20)], known={})

    assert list(chosen.values()) == [SMALL] * 6


def test_who_wrote_before_goes_on_but_only_if_the_play_still_uses_them() -> None:
    gone = UUID(int=3)
    chosen = assign_senders(
        PEOPLE[:2],
        loads=[_load(SMALL, 9, 10), _load(LARGE, 0, 20)],
        known={PEOPLE[0]: SMALL, PEOPLE[1]: gone},
    )

    assert chosen == {PEOPLE[0]: SMALL, PEOPLE[1]: LARGE}


def test_without_senders_nobody_is_assigned() -> None:
    assert assign_senders(PEOPLE, loads=[], known={PEOPLE[0]: SMALL}) == {}
