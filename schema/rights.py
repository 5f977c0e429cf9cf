"""Rights come first: who may not ask learns that, and nothing of what is wrong with the arguments."""

from typing import Any

from strawberry.extensions import FieldExtension

from domain.actor import require
from schema.info import Info
from schema.scopes import scopes_of


class RightsFirst(FieldExtension):
    """Asks for a root field's scopes before its arguments are looked at; use cases ask for them once more."""

    def resolve(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """Refuse, or go on."""
        require_rights(info)
        return next_(source, info, **kwargs)

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """Refuse, or go on."""
        require_rights(info)
        return await next_(source, info, **kwargs)


def require_rights(info: Info) -> None:
    """Raise Forbidden unless the caller may ask this root field; streams, which extensions don't reach, call it."""
    for permission in scopes_of(info.field_name):
        require(info.context.actor, permission)
