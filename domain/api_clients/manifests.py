"""The files that tools write of an application's documents."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from domain.api_clients.rules import parse_document_id
from domain.errors import Invalid

DOCUMENTS_MAX: Final = 2_000
APOLLO: Final = "apollo-persisted-query-manifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A document as a manifest has it; nothing of it is checked.

    Attributes:
        given_id: as it stands there.
        document_id: as it is stored; None where the id is of another form.
    """

    given_id: str
    document_id: str | None
    text: str


def read_manifest(content: bytes) -> list[Listed]:
    """Return the documents of a manifest, in its order.

    Two forms are known: Apollo's ``{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}]}``,
    and the object from ids to texts that Relay, graphql-codegen and gql.tada write.

    Raises:
        Invalid: it is of another form, or has more than 2,000 documents.
    """
    try:
        manifest = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the manifest isn't JSON: {str(error)[:80]}", field=("manifest",)) from None
    pairs = _pairs(manifest)
    if len(pairs) > DOCUMENTS_MAX:
        raise Invalid(f"a manifest has at most {DOCUMENTS_MAX:,} documents", field=("manifest",))
    for id_, text in pairs:
        if not isinstance(id_, str) or not isinstance(text, str) or "\x00" in text:
            raise Invalid("a manifest's ids and documents are texts", field=("manifest",))
    return [Listed(given_id=id_, document_id=parse_document_id(id_), text=text) for id_, text in pairs]


def _pairs(manifest: Any) -> list[tuple[Any, Any]]:
    if not isinstance(manifest, dict):
        raise Invalid("a manifest is a JSON object", field=("manifest",))
    if "format" not in manifest:
        return list(manifest.items())
    operations = manifest.get("operations")
    if manifest["format"] != APOLLO or manifest.get("version") != 1 or not isinstance(operations, list):
        raise Invalid(
            f"the only format with a name that is known is {APOLLO}, version 1", field=("manifest",)
        )
    if not all(isinstance(operation, dict) for operation in operations):
        raise Invalid("the operations of a manifest are objects", field=("manifest",))
    return [(operation.get("id"), operation.get("body")) for operation in operations]
