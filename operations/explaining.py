"""Shows how a document is read: the statement it is planned as, and what PostgreSQL thinks of it."""

from collections.abc import Mapping
from typing import Any

from auth.viewer import Viewer
from domain import tenancy
from domain.actor import ActorKind
from domain.errors import NotFound
from domain.workspaces.queries import find_workspace_id
from domain.workspaces.rules import Role
from resolvers.context import Caller, Context, Services
from resolvers.outcome import Refused
from resolvers.reading.engine import ReadEngine
from resolvers.reading.plan import Unplannable
from schema.execution import SchemaExecution
from schema.planning import SchemaVocabulary
from schema.root import build_schema


async def explain(*, document: str, variables: Mapping[str, Any], slug: str, services: Services) -> str:
    """Return the statement of a query in a workspace and its plan; runs nothing.

    Args:
        slug: the workspace's short name; its owner's rights are assumed.

    Raises:
        NotFound: there is no such workspace.
    """
    schema = build_schema()
    context = await _context(slug, services)
    try:
        operation = SchemaExecution(schema).prepare(query=document, operation_name=None, context=context)
        statement, values = ReadEngine(SchemaVocabulary(schema)).explain(operation, variables, context)
    except Refused as refused:
        return f"not a valid document: {refused.outcome.errors[0]['message']}"
    except Unplannable as reason:
        return f"answered field by field: {reason}"
    async with tenancy.reading(context.actor.workspace_id) as connection:
        lines = await connection.fetch(f"EXPLAIN (VERBOSE, COSTS) {statement}", *values)
    return "\n".join([statement, "", *(line[0] for line in lines)])


async def _context(slug: str, services: Services) -> Context:
    workspace_id = await find_workspace_id(slug=slug)
    if workspace_id is None:
        raise NotFound(f"no workspace is called {slug}")
    viewer = Viewer(kind=ActorKind.USER, user_id=workspace_id, workspace_id=workspace_id, role=Role.OWNER)
    return Context(viewer=viewer, caller=Caller(), services=services, request_id="explain")
