from benchmarks.reads.comparing import content, difference

LEAD = {
    "id": "lead_01930000-0000-7000-813e-000000000001",
    "createdAt": "2026-01-05T09:00:01.5Z",
    "title": None,
}


def test_ids_with_and_without_their_kind_and_moments_in_any_spelling_are_the_same_content() -> None:
    bare = {
        "id": "01930000-0000-7000-813e-000000000001",
        "createdAt": "2026-01-05T10:00:01.500+01:00",
        "title": None,
    }
    assert difference(content(LEAD), content(bare)) is None


def test_a_cursor_is_only_present_or_absent() -> None:
    page = {"startCursor": "abc", "endCursor": None}
    assert content(page) == {"startCursor": "a cursor", "endCursor": None}
    assert difference(content(page), content({"startCursor": "xyz", "endCursor": "xyz"})) == (
        "data.endCursor is 'a cursor' instead of None"
    )


def test_another_moment_is_another_content() -> None:
    later = LEAD | {"createdAt": "2026-01-05T09:00:02.5Z"}
    assert difference(content(LEAD), content(later)) == (
        "data.createdAt is '2026-01-05T09:00:02.500000+00:00' instead of '2026-01-05T09:00:01.500000+00:00'"
    )


def test_a_missing_field_and_a_missing_item_are_told_with_their_place() -> None:
    assert difference({"leads": [{"id": 1, "title": 2}]}, {"leads": [{"id": 1}]}) == (
        "data.leads[0] has ['id'] instead of ['id', 'title']"
    )
    assert difference({"leads": [1, 2]}, {"leads": [1]}) == "data.leads has 1 items instead of 2"
