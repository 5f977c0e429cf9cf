"""What is wrong with variables, said of a document that is wrong itself."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from schema.error_fields import is_about_a_variable


def unfit_variable(
    operations: Sequence[OperationDefinitionNode],
    variables: Mapping[str, Any] | None,
    *,
    schema: GraphQLSchema,
    hide_suggestions: bool,
) -> list[GraphQLError]:
    """Return the first variable whose value doesn't fit what the only operation declares; or nothing."""
    if len(operations) != 1:
        return []
    with suppress(
        Exception
    ):  # nobody promises anything for a document that doesn't validate, whose faults are known
        found = get_variable_values(
            schema,
            operations[0].variable_definitions or (),
            dict(variables or {}),
            max_errors=1,
            hide_suggestions=hide_suggestions,
        )
        if not isinstance(found, VariableValues):
            return [error for error in found if is_about_a_variable(error)][:1]
    return []
