"""Changes of the schema: classified as clients meet them, and named in the changelog when they break."""

import subprocess
from pathlib import Path

import pytest

from operations.schema_changes import (
    ClassifiedChange,
    Severity,
    as_markdown,
    changes_between,
    committed_sdl,
    unannounced,
)

BEFORE = """
directive @cost(value: Int!) on FIELD_DEFINITION
"A person." type Lead { name: String  email(masked: Boolean): String! }
enum Status { NEW  OLD }
input LeadWhere { name: String }
type Query { lead(id: ID!): Lead  status: Status  leads(where: LeadWhere): [Lead!]! }
"""


@pytest.mark.parametrize(
    ("old", "new", "severity", "coordinate"),
    [
        ("name: String  email", "email", "breaking", "Lead.name"),
        ("email(masked: Boolean): String!", "email(masked: Boolean): String", "breaking", "Lead.email"),
        ("(masked: Boolean)", "", "breaking", "Lead.email(masked:)"),
        ("(masked: Boolean)", "(masked: Boolean!)", "breaking", "Lead.email(masked:)"),
        ("NEW  OLD", "NEW", "breaking", "Status.OLD"),
        ("input LeadWhere { name: String", "input LeadWhere { name: Int", "breaking", "LeadWhere.name"),
        ("{ name: String }", "{ name: String  age: Int! }", "breaking", "LeadWhere.age"),
        ("directive @cost(value: Int!) on FIELD_DEFINITION", "", "breaking", "@cost"),
        ("NEW  OLD", "NEW  OLD  LOST", "dangerous", "Status.LOST"),
        ("{ name: String }", "{ name: String  age: Int }", "dangerous", "LeadWhere.age"),
        ("(masked: Boolean)", "(masked: Boolean, short: Boolean)", "dangerous", "Lead.email(short:)"),
        ("name: String  email", "name: String  title: String  email", "safe", "Lead.title"),
        ("name: String  email", "name: String!  email", "safe", "Lead.name"),
    ],
)
def test_a_change_is_classified_by_what_it_does_to_clients(
    old: str, new: str, severity: str, coordinate: str
) -> None:
    changes = changes_between(BEFORE, BEFORE.replace(old, new))
    assert [(change.severity.value, change.coordinate) for change in changes] == [(severity, coordinate)]


def test_a_changed_description_is_no_change() -> None:
    assert changes_between(BEFORE, BEFORE.replace("A person.", "Somebody.")) == []


def test_the_worst_comes_first() -> None:
    after = BEFORE.replace("NEW  OLD", "NEW  LOST").replace(
        "name: String  email", "name: String  title: String  email"
    )
    severities = [change.severity for change in changes_between(BEFORE, after)]
    assert severities == [Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE]
    assert as_markdown(changes_between(BEFORE, after)) == (
        "### Breaking\n\n- Enum value Status.OLD was removed.\n\n"
        "### Dangerous\n\n- Enum value Status.LOST was added.\n\n"
        "### Safe\n\n- Field Lead.title was added."
    )
    assert as_markdown([]) == "The schema is the same."


def test_only_what_breaks_must_stand_in_the_unreleased_part_of_the_changelog() -> None:
    gone = ClassifiedChange(Severity.BREAKING, "Lead.name", "Field Lead.name was removed.")
    added = ClassifiedChange(Severity.DANGEROUS, "Status.LOST", "Enum value Status.LOST was added.")
    released = (
        "# Changelog\n\n## [Unreleased]\n\n- More.\n\n## [1.0.0]\n\n- *breaking*: `Lead.name` is gone.\n"
    )
    assert unannounced([gone, added], changelog=released) == [gone]
    assert unannounced([gone, added], changelog=released.replace("- More.", "- `Lead.name` is gone.")) == []
    assert unannounced([gone], changelog=released.replace("- More.", "- Lead.name, unmarked.")) == [gone]


def test_the_committed_schema_comes_from_the_named_revision(tmp_path: Path) -> None:
    sdl = tmp_path / "schema.graphql"
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for number in (1, 2):
        sdl.write_text(f"type Query {{ a: Int{number} }}")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", "x"], check=True)
    assert committed_sdl(sdl, revision="HEAD") == "type Query { a: Int2 }"
    assert committed_sdl(sdl, revision="HEAD~") == "type Query { a: Int1 }"
    assert committed_sdl(sdl, revision="HEAD~2") is None
    assert committed_sdl(tmp_path / "other.graphql", revision="HEAD") is None
