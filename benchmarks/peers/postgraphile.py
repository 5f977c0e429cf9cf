"""How PostGraphile is asked, which names and nests things by its own rules; counts of a run it doesn't offer (Q4)."""

from typing import Any

DOCUMENTS = {
    "Q1": """
    query Page($first: Int!) {
      leads: allLeads(first: $first, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges {
          cursor
          node {
            id: rowId email emailStatus firstName lastName fullName title phone city country status createdAt
            company: companyByWorkspaceIdAndCompanyId { id: rowId name domain industry }
            lastMessage: messagesByWorkspaceIdAndLeadId(
              first: 1, orderBy: [CREATED_AT_DESC, PRIMARY_KEY_DESC]
            ) { nodes { subject status createdAt } }
          }
        }
      }
    }
    """,
    "Q2": "query Lead($id: UUID!) { lead: leadByRowId(rowId: $id) { id: rowId fullName email title status } }",
    "Q3": """
    query Threads($first: Int!, $messages: Int!) {
      leads: allLeads(first: $first, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) {
        nodes {
          id: rowId
          fullName
          messages: messagesByWorkspaceIdAndLeadId(
            first: $messages, orderBy: [CREATED_AT_DESC, PRIMARY_KEY_DESC]
          ) { nodes { id: rowId subject status createdAt } }
        }
      }
    }
    """,
    "M1": """
    mutation Restrict($id: UUID!, $restricted: Boolean!) {
      leadRestrict: restrictLead(input: {wantedId: $id, wanted: $restricted}) {
        lead: result { id: rowId fullName status restrictedAt }
      }
    }
    """,
}


def reshaped(question: str, data: Any) -> Any:
    """Bring an answer into the shape of Plera's."""
    if question == "Q1":
        for edge in data["leads"]["edges"]:
            nodes = edge["node"]["lastMessage"]["nodes"]
            edge["node"]["lastMessage"] = nodes[0] if nodes else None
    if question == "M1":
        data["leadRestrict"]["errors"] = []
    return data
