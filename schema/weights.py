"""What a root field costs beside the objects it answers, in points; `@cost` shows it and `schema.cost` charges it."""

from typing import Final

MUTATION_WEIGHT: Final = 10

WEIGHTS: Final = {
    "Mutation.documentsPublish": 500,  # parses and validates up to 2,000 documents
    "Query.auditVerify": 500,  # reads the whole log
    "Query.messagePreview": 10,  # renders and checks a message
    "Query.suppressionCheck": 5,
}
"""Coordinate -> points, where a field does more than read what it answers."""


def weight_of(parent: str, field: str) -> int:
    """Return what a field of a root type costs by itself."""
    return WEIGHTS.get(f"{parent}.{field}", MUTATION_WEIGHT if parent == "Mutation" else 0)
