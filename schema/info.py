"""The type of `info` in every field."""

import strawberry

from resolvers.context import Context

Info = strawberry.Info[Context, None]
