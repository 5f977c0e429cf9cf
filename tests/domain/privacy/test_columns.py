"""The column registry is the database: nothing forgotten, nothing invented, and every action can be carried out."""

from typing import Any

import asyncpg
import pytest_asyncio

from domain.privacy.columns import REGISTRY, columns_with, free_texts, shown_columns
from domain.privacy.data_classes import DataClass, DataRole
from domain.privacy.locating import ROWS, key_column
from domain.privacy.rules import ErasureAction

OUTSIDE_A_WORKSPACE = {"app_user", "credential", "session", "one_time_token", "platform_mail"}
"""Accounts aren't erased by a workspace's request; privacy mails are forgotten by `mails.forget_mails`."""

OF_MEMBERS = {"invitation"}
"""About colleagues, who are no subjects of a workspace's requests."""

BY_MENTION = {"idempotency_record"}
"""Rows that go when they mention the address."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def columns(database_url: str) -> Any:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        """
        SELECT c.table_name, c.column_name, c.data_type, c.is_nullable = 'YES' AS nullable,
               c.column_default IS NOT NULL AS has_default
        FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE'
        """
    )
    await connection.close()
    return {(row["table_name"], row["column_name"]): row for row in rows}


async def test_every_column_of_the_database_is_registered_and_nothing_else(columns: Any) -> None:
    registered = {(table, name) for table, entries in REGISTRY.items() for name in entries}

    assert sorted(set(columns) - registered) == []
    assert sorted(registered - set(columns)) == []


async def test_what_is_masked_can_be_empty(columns: Any) -> None:
    for table in ROWS:
        for name in columns_with(table, ErasureAction.MASK):
            column = columns[table, name]
            can = column["nullable"] or column["has_default"] or column["data_type"] in {"text", "jsonb"}
            assert can, f"{table}.{name} can't be emptied"


async def test_what_is_hashed_is_a_text(columns: Any) -> None:
    hashed = [(table, name) for table in REGISTRY for name in columns_with(table, ErasureAction.HASH)]

    assert hashed == [("provider_call", "request_fingerprint")]
    assert {columns[key]["data_type"] for key in hashed} == {"text"}


def test_every_table_with_something_to_erase_says_how_its_rows_are_found() -> None:
    to_erase = {
        table
        for table, entries in REGISTRY.items()
        if any(column.action is not ErasureAction.KEEP for column in entries.values())
    }

    assert to_erase - OUTSIDE_A_WORKSPACE - OF_MEMBERS - BY_MENTION <= set(ROWS)
    assert set(free_texts()) >= BY_MENTION
    assert all(key_column(table) in REGISTRY[table] for table in ROWS)


def test_secrets_are_never_shown_and_who_somebody_is_never_stays_readable() -> None:
    for table, entries in REGISTRY.items():
        for name, column in entries.items():
            if column.data_class is DataClass.SECRET:
                assert name not in shown_columns(table)
            if column.data_class in {DataClass.IDENTITY, DataClass.CONTACT} and table in ROWS:
                is_hash = name.endswith("_hash")
                assert is_hash or column.action is not ErasureAction.KEEP, f"{table}.{name}"


def test_leads_and_what_is_said_to_them_are_kept_on_the_workspaces_behalf() -> None:
    for table in ("lead", "field_value", "message", "delivery", "reply"):
        assert {column.role for column in REGISTRY[table].values()} == {DataRole.PROCESSOR}
