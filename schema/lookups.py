"""Objects of any kind by their ids."""

from typing import Annotated, Any

import strawberry

from domain.actor import require
from domain.errors import Invalid
from resolvers.reading.describe import Several, Single
from schema.info import Info
from schema.nodes import RIGHTS, Node, read_any_id
from schema.reads import described

IDS_MAX = 100


@strawberry.type
class LookupsQuery:
    """Relay's look-ups."""

    @described(description="Any object by its id; null when it is absent or another workspace's.")
    def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Describe it."""
        node: Any = _wanted(info, id)
        return node

    @described(
        description="Objects by their ids, in the order of the ids; null in place of each that is absent."
    )
    def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 100, of any kinds.")],
    ) -> list[Node | None]:
        """Describe them."""
        if len(ids) > IDS_MAX:
            raise Invalid(f"at most {IDS_MAX} ids", field=("ids",))
        nodes: Any = Several(tuple(_wanted(info, id_) for id_ in ids))
        return nodes


def _wanted(info: Info, id_: str) -> Single | None:
    """Return what an id points to; raises Forbidden when the caller may not read such objects."""
    wanted = read_any_id(id_)
    if wanted is not None:
        require(info.context.actor, RIGHTS[wanted.entity.prefix])
    return wanted
