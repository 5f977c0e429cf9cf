"""What the API looks like. No rules, no queries. The enums come first: a type that shows one finds it described."""

from schema import enums

__all__ = ["enums"]
