"""The one schema: the sum of the features' root fields."""

from typing import Any

import strawberry
from strawberry.tools import merge_types

from schema import (
    accounts,
    api_clients,
    api_tokens,
    audit,
    companies,
    credits,
    enrichment,
    enrollments,
    events,
    exports,
    imports,
    jobs,
    leads,
    lookups,
    members,
    messages,
    persisted_documents,
    plays,
    previews,
    privacy,
    rate_limits,
    refusals,
    replies,
    reply_stream,
    review,
    runs,
    senders,
    sending,
    sending_policy,
    sequences,
    strategy,
    suppression,
    threads,
    workspaces,
)
from schema.descriptions import describe_shared
from schema.directives import direct_entities, direct_roots
from schema.errors import UserError
from schema.lists import complete_lists
from schema.nodes import ENTITIES
from schema.scalars import SCALARS

FEATURES = (
    lookups,
    accounts,
    workspaces,
    members,
    api_tokens,
    api_clients,
    persisted_documents,
    suppression,
    companies,
    imports,
    leads,
    exports,
    credits,
    enrichment,
    senders,
    sequences,
    strategy,
    plays,
    runs,
    enrollments,
    messages,
    review,
    previews,
    sending,
    sending_policy,
    replies,
    reply_stream,
    threads,
    privacy,
    audit,
    events,
    jobs,
    refusals,
    rate_limits,
)
"""Feature modules in the order of the product; each has `…Query`, `…Mutation`, `…Subscription` mixins or not."""


def read_field(source: Any, name: str) -> Any:
    """Read a field of a row, or of one of our own objects."""
    try:
        return source[name]
    except (TypeError, KeyError):
        return getattr(source, name)


def _mixins(kind: str) -> tuple[type, ...]:
    return tuple(
        value
        for feature in FEATURES
        for name, value in vars(feature).items()
        if name.endswith(kind) and getattr(value, "__module__", None) == feature.__name__
    )


def build_schema() -> strawberry.Schema:
    """Build the schema; reads nothing from outside."""
    SCALARS.default_resolver = read_field
    SCALARS.enable_experimental_incremental_execution = True
    query = merge_types("Query", _mixins("Query"))
    mutation = merge_types("Mutation", _mixins("Mutation"))
    subscription = merge_types("Subscription", _mixins("Subscription"))
    complete_lists(ENTITIES.values())
    direct_roots((query, mutation, subscription))
    direct_entities(ENTITIES.values())
    schema = strawberry.Schema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=[*ENTITIES.values(), *UserError.__subclasses__()],
        config=SCALARS,
    )
    describe_shared(schema._schema)
    return schema
