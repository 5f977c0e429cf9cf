"""How each field gets its value: viewer -> one domain call. Plain async functions that never import Strawberry."""
