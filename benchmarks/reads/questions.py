"""What is asked: the documents of Plera's API and their variables, named as in the results."""

from dataclasses import dataclass
from typing import Any

from benchmarks.reads.dataset import Extent

PAGE, LEADS_WITH_MESSAGES, MESSAGES_PER_LEAD = 50, 20, 10
ASKED_LEADS = 64
"""How many leads take turns in Q2 and M1, so that nobody answers from the last answer."""

LEAD_FIELDS = """
    id email emailStatus firstName lastName fullName title phone city country status createdAt
"""

Q1 = f"""
query Page($first: Int!) {{
  leads(first: $first) {{
    totalCount
    pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
    edges {{
      cursor
      node {{
        {LEAD_FIELDS}
        company {{ id name domain industry }}
        lastMessage {{ subject status createdAt }}
      }}
    }}
  }}
}}
"""
Q1_UNCOUNTED = Q1.replace("totalCount", "")
Q2 = "query Lead($id: ID!) { lead(id: $id) { id fullName email title status } }"
Q3 = """
query Threads($first: Int!, $messages: Int!) {
  leads(first: $first) {
    nodes {
      id
      fullName
      messages(first: $messages) { nodes { id subject status createdAt } }
    }
  }
}
"""
Q4 = """
query Progress($id: ID!) {
  run(id: $id) { id status statistics { discovered stages { stage count } } }
}
"""
M1 = """
mutation Restrict($input: LeadRestrictInput!) {
  leadRestrict(input: $input) { lead { id fullName status restrictedAt } errors { message } }
}
"""

_RELEASE = "UPDATE lead SET restricted_at = NULL WHERE restricted_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Question:
    """One operation and the variables that take turns.

    Attributes:
        title: what the results call it by.
        document: as Plera's API wants it.
        turns: variables by their meaning, ids bare.
        before: SQL that makes it possible to begin with the first turn again.
    """

    name: str
    title: str
    document: str
    turns: tuple[dict[str, Any], ...]
    before: str | None = None

    def variables(self, turn: dict[str, Any], *, global_ids: bool) -> dict[str, Any]:
        """Return a turn as variables of the document; global ids start with the kind of object."""
        if "id" not in turn:
            return turn
        id_ = f"{'run' if self.name == 'Q4' else 'lead'}_{turn['id']}" if global_ids else turn["id"]
        return {"input": turn | {"id": id_}} if self.name == "M1" else {"id": id_}


def questions(extent: Extent) -> tuple[Question, ...]:
    """Return all of them for the first workspace of an extent."""
    last = extent.leads // extent.workspaces - 1
    read = tuple({"id": str(extent.id_of("lead", 7 * place))} for place in range(ASKED_LEADS))
    # the youngest leads change, which no other question shows
    changed = [str(extent.id_of("lead", last - place)) for place in range(ASKED_LEADS)]
    page = ({"first": PAGE},)
    threads = ({"first": LEADS_WITH_MESSAGES, "messages": MESSAGES_PER_LEAD},)
    restricts = tuple({"id": id_, "restricted": to} for to in (True, False) for id_ in changed)
    return (
        Question("Q1", "50 leads × 12 fields, company, last message, total count", Q1, page),
        Question("Q2", "one lead, 5 fields", Q2, read),
        Question("Q3", "20 leads × 10 messages", Q3, threads),
        Question("Q4", "counts of a run's leads by stage", Q4, ({"id": str(extent.run_id)},)),
        Question("M1", "one change of a lead", M1, restricts, _RELEASE),
    )
