"""What is described once for the whole API: arguments that mean the same wherever they stand, and the roots."""

from typing import Final

from graphql import GraphQLArgument, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

ARGUMENTS: Final = {
    "id": "The object, by its global id; another workspace's answers like one that doesn't exist.",
    "input": "What is wanted.",
    "first": "How many from the start: 1 to 100, 25 by default.",
    "after": "Only what comes after this cursor.",
    "last": "How many from the end: 1 to 100; not with `first`.",
    "before": "Only what comes before this cursor.",
    "where": "Which of them; all when absent.",
    "scopes": "All that is needed.",
    "weight": "Points, beside those of the answer.",
    "class": "What it tells.",
    "token": "The secret part of a mailed link; good once.",
}
"""Name of an argument -> what it means, unless it says so itself."""

ROOTS: Final = {
    "Query": "What can be read; nothing here changes anything.",
    "Mutation": "What can be changed; answers hold the changed object and `errors`, which callers can mend.",
    "Subscription": "Streams of what happens, from any place in the workspace's log onwards.",
}


def describe_shared(schema: GraphQLSchema) -> None:
    """Describe what the features left to this module."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            continue
        type_.description = type_.description or ROOTS.get(type_.name)
        for field in type_.fields.values():
            _describe(field.args)
    for directive in schema.directives:
        _describe(directive.args)


def _describe(arguments: dict[str, GraphQLArgument]) -> None:
    for name, argument in arguments.items():
        argument.description = argument.description or ARGUMENTS.get(name)
