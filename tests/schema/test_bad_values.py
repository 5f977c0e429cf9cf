"""Values that no client may get away with: each is refused by name, and nothing happens."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tests.steps.sequences import reviewable
from tests.world import World, ask

ID = "01930000-0000-7000-8000-000000000001"
BIDI, ZERO_WIDTH, CRLF = "Ada\u202egpj.exe", "Ada\u200bLovelace", "Ada\r\nBcc: everybody@example.com"
LINES = (CRLF, "Ada\nLovelace", BIDI, ZERO_WIDTH, "Ada\x00", "Ada\u2028Lovelace")
"""What no name and no subject holds."""

ADDRESSES = (
    *("a@", "@b.example", "a@b@c.example", "a b@c.example", "a@b", "a@b..example", "", "Ada <a@b.example>"),
    *("a@b.example, c@d.example", "a@b.example;c@d.example", "a@b.example\r\nBcc: c@d.example"),
    *("a" * 300 + "@b.example", "a@" + "b" * 300 + ".example", "a\u202e@b.example", "a\u200b@b.example"),
)
ZONES = ("Mars/Olympus", "Berlin", "EST", "europe/berlin", "../../etc/passwd", "/etc/localtime", "", "UTC+1")
MOMENTS = (
    *("2030-03-01T09:30:00", "2030-03-31T02:30:00", "2030-03-01", "2030-03-01 09:30:00Z", "20300301T093000Z"),
    *("2030-02-30T09:30:00Z", "2031-02-29T09:30:00Z", "10000-01-01T00:00:00Z", "2030-03-01T25:00:00Z"),
    *(
        "2030-03-01T09:30:00+25:00",
        "2030-03-01T09:30:60Z",
        "9999-12-31T23:59:59-23:59",
        "2030-W09-5",
        "tomorrow",
    ),
    *("0001-01-01T00:00:00+23:59", "", 1_900_000_000),
)
"""A local time that daylight saving leaves out is one without an offset."""

DAYS = ("2031-02-29", "2031-13-01", "31-01-31", "20310131", "2031-01-31T00:00:00Z", "10000-01-01", "")
CREDITS = (0, -1, 2**53 + 1, 1.5, "5", True, None)
URLS = (
    *("ftp://engine.example/fast", "javascript:alert(1)", "//engine.example", "engine.example/fast", ""),
    *("https://user:secret@engine.example/", "http://127.0.0.1/fast", "http://[::1]/", "http://localhost/"),
    *(
        "http://10.0.0.8/",
        "http://169.254.169.254/latest",
        "http://2130706433/",
        "https://engine.example/\r\nX: y",
    ),
)
TEMPLATES = (
    *("Hi {{ lead.shoe_size }}", "Hi {{ lead.first_name", "{% if lead.first_name %}Hi"),
    *("{% for x in (1..1000000000) %}x{% endfor %}", "{% include 'secrets' %}"),
)
WEEK = {"days": [{"day": "MON", "ranges": [{"opens": "09:00", "closes": "17:00"}]}]}

DOCUMENTS = {
    "workspaceUpdate": "WorkspaceUpdateInput",
    "senderConnect": "SenderConnectInput",
    "sendingPolicyUpdate": "SendingPolicyUpdateInput",
    "sequenceCreate": "SequenceCreateInput",
    "sequenceUpdate": "SequenceUpdateInput",
    "strategyProfileCreate": "StrategyProfileCreateInput",
    "leadCreate": "LeadCreateInput",
    "leadUpdate": "LeadUpdateInput",
    "memberInvite": "MemberInviteInput",
    "runResume": "RunResumeInput",
    "threadSnooze": "ThreadSnoozeInput",
    "suppressionAdd": "SuppressionAddInput",
    "privacyRequestOpen": "PrivacyRequestOpenInput",
}
SERVER = {"host": "mail.example.com", "port": 465, "username": "ada", "password": "secret"}
VALID: dict[str, dict[str, Any]] = {
    "workspaceUpdate": {},
    "senderConnect": {"address": "ada@example.com", "displayName": "Ada", "smtp": SERVER, "imap": SERVER},
    "sendingPolicyUpdate": {"window": WEEK},
    "sequenceCreate": {
        "name": "Outreach",
        "steps": [{"variants": [{"label": "A", "subjectTemplate": "Hello"}]}],
    },
    "sequenceUpdate": {"id": f"sequ_{ID}", "expectedVersion": 1},
    "strategyProfileCreate": {
        "name": "Warehouses",
        "persona": {"name": "Ada", "role": "Founder", "company": "Engine"},
        "offer": "Software.",
        "tone": "Plain.",
        "cta": "Shall we talk?",
        "proofs": [
            {"claim": "Fast.", "evidenceUrl": "https://engine.example/", "validUntilOn": "2031-01-31"}
        ],
    },
    "leadCreate": {"email": "ada@example.com", "firstName": "Ada"},
    "leadUpdate": {"id": f"lead_{ID}", "expectedVersion": 1},
    "memberInvite": {"email": "ada@example.com", "role": "REP"},
    "runResume": {"id": f"run_{ID}"},
    "threadSnooze": {"id": f"thre_{ID}", "until": "2030-03-01T09:30:00Z"},
    "suppressionAdd": {"kind": "EMAIL", "value": "ada@example.com", "reason": "MANUAL"},
    "privacyRequestOpen": {"kind": "ACCESS", "email": "ada@example.com"},
}


@dataclass(frozen=True, slots=True)
class Bad:
    """A mutation's input with one place whose value isn't valid, and the values it may not have."""

    mutation: str
    path: tuple[str | int, ...]
    values: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.mutation}.{'.'.join(map(str, self.path))}"

    @property
    def document(self) -> str:
        """Return the mutation."""
        return f"""mutation ($input: {DOCUMENTS[self.mutation]}!) {{
            {self.mutation}(input: $input) {{ errors {{ code field message }} }} }}"""

    def input(self, value: Any) -> dict[str, Any]:
        """Return the variables with one of the values."""
        whole: Any = deepcopy(VALID[self.mutation])
        place = whole
        for step in self.path[:-1]:
            place = place[step]
        place[self.path[-1]] = value
        return {"input": whole}


BAD = [
    Bad(mutation, path, values)
    for mutation, path, values in (
        ("workspaceUpdate", ("name",), LINES),
        ("workspaceUpdate", ("defaultTimeZone",), ZONES),
        ("workspaceUpdate", ("locale",), ("xx", "EN", "")),
        ("senderConnect", ("displayName",), LINES),
        ("senderConnect", ("address",), ADDRESSES),
        (
            "senderConnect",
            ("smtp", "host"),
            ("a b", "https://mail.example.com", "mail.example.com:25", "a\r\nb"),
        ),
        ("senderConnect", ("smtp", "port"), (0, -1, 65_536)),
        ("senderConnect", ("imap", "username"), ("a\r\nb", "")),
        ("sequenceCreate", ("name",), LINES),
        ("sequenceCreate", ("steps", 0, "variants", 0, "subjectTemplate"), (CRLF, BIDI, *TEMPLATES)),
        ("sequenceCreate", ("steps", 0, "variants", 0, "bodyTemplate"), TEMPLATES),
        ("sequenceCreate", ("steps", 0, "delayDays"), (-1, 366)),
        ("sequenceUpdate", ("id",), (f"lead_{ID}", ID, "sequ_7", "")),
        ("strategyProfileCreate", ("name",), LINES),
        ("strategyProfileCreate", ("persona", "name"), LINES),
        ("strategyProfileCreate", ("proofs", 0, "evidenceUrl"), URLS),
        ("strategyProfileCreate", ("proofs", 0, "validUntilOn"), DAYS),
        ("leadCreate", ("email",), tuple(address for address in ADDRESSES if address)),
        ("leadCreate", ("firstName",), (BIDI, "a" * 3_000)),
        ("leadCreate", ("timeZone",), ZONES),
        ("leadUpdate", ("id",), (f"sequ_{ID}", "lead", "")),
        ("leadUpdate", ("isAdmin",), (True,)),
        ("memberInvite", ("email",), ADDRESSES),
        ("memberInvite", ("role",), ("rep", "Rep", "ROOT", 1)),
        ("runResume", ("budgetCredits",), CREDITS[:-1]),
        ("threadSnooze", ("until",), MOMENTS),
        ("suppressionAdd", ("expiresAt",), MOMENTS),
        ("suppressionAdd", ("kind",), ("email", "NOPE")),
        ("suppressionAdd", ("scopeId",), (f"sender_{ID}", "x")),
        ("privacyRequestOpen", ("email",), ADDRESSES),
    )
]


@pytest.mark.parametrize("bad", BAD, ids=str)
async def test_a_bad_value_is_refused_by_name(world: World, bad: Bad) -> None:
    expected = (True, [str(bad.path[-1])])
    for value in bad.values:
        refusals = await _refusals(world, bad.mutation, bad.document, bad.input(value))
        told = [(code in {"BAD_USER_INPUT", "TEMPLATE_INVALID"}, field[-1:]) for code, field in refusals]
        assert told == [expected], (value, refusals)
    entered = "SELECT 1 FROM sequence UNION ALL SELECT 1 FROM lead UNION ALL SELECT 1 FROM sender"
    assert await world.fetch(entered) == []


@pytest.mark.parametrize(
    ("window", "field"),
    [
        ({"opens": "17:00", "closes": "09:00"}, "MON"),
        ({"opens": "09:00", "closes": "09:00"}, "MON"),
        ({"opens": "9", "closes": "17:00"}, "MON"),
        ({"opens": "09:00", "closes": "24:01"}, "MON"),
        ({"opens": "09:60", "closes": "17:00"}, "MON"),
    ],
)
async def test_a_window_that_ends_before_it_starts_is_refused(
    world: World, window: dict[str, str], field: str
) -> None:
    bad = Bad("sendingPolicyUpdate", ("window", "days", 0, "ranges"), ())
    refusals = await _refusals(world, "sendingPolicyUpdate", bad.document, bad.input([window]))
    assert [code for code, _ in refusals] == ["BAD_USER_INPUT"]
    assert refusals[0][1][-1] == field


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: -1", "first"),
        ("first: 0", "first"),
        ("first: 101", "first"),
        ("first: 9999999999", "first"),
        ('first: "1"', "first"),
        ("last: 0", "last"),
        ("first: 1, last: 1", "last"),
        ('before: "x"', "last"),
        ("where: {status: {eq: new}}", "eq"),
        ('where: {status: {eq: "NEW"}}', "eq"),
        ("where: {secret: {eq: 1}}", "secret"),
        ('where: {createdAt: {gt: "2030-02-30T00:00:00Z"}}', "gt"),
        ('where: {and: [{}, {createdAt: {between: {from: "x", to: "y"}}}]}', "from"),
        ('where: {email: {eq: "a", contains: "b"}}', "email"),
        ('where: {companyId: {eq: "comp_7"}}', "companyId"),
        ("orderBy: [{field: full_name}]", "field"),
        ("orderBy: [{field: EMAIL, direction: UP}]", "direction"),
    ],
)
async def test_a_bad_argument_of_a_list_is_refused_by_name(world: World, arguments: str, field: str) -> None:
    refusals = await _refusals(world, "leads", f"{{ leads({arguments}) {{ nodes {{ id }} }} }}", {})
    assert refusals
    assert field in [of[-1] for _, of in refusals if of], refusals


@pytest.mark.parametrize("id_", [f"lead_{ID}", ID, "sequ_", "", "sequ_\u202e"])
async def test_the_id_of_something_else_is_refused(world: World, id_: str) -> None:
    refusals = await _refusals(
        world, "sequence", "query ($id: ID!) { sequence(id: $id) { id } }", {"id": id_}
    )
    assert refusals == [("BAD_USER_INPUT", ["id"])]


@pytest.mark.parametrize("subject", [CRLF, "Hello\nyou", BIDI, "", "a" * 301])
async def test_a_subject_is_one_honest_line(world: World, subject: str) -> None:
    message = (await reviewable(world))[0]
    edit = {
        "id": f"mess_{message['id']}",
        "subject": subject,
        "body": "Hello",
        "expectedVersion": message["version"],
    }
    document = """mutation ($input: MessageEditInput!) {
        messageEdit(input: $input) { errors { code field message } } }"""
    refusals = await _refusals(world, "messageEdit", document, {"input": edit})
    assert [(code, field[-1]) for code, field in refusals] == [("BAD_USER_INPUT", "subject")]
    (after,) = await world.fetch("SELECT subject, version FROM message WHERE id = $1", message["id"])
    assert (after["subject"], after["version"]) == (message["subject"], message["version"])


async def _refusals(
    world: World, name: str, document: str, variables: dict[str, Any]
) -> list[tuple[str, list[str]]]:
    """Return code and field of each error, on top or in the payload; there is never an answer beside them."""
    answer = await ask(document, variables, context=world.context())
    if answer.errors:
        extensions = [error["extensions"] for error in answer.errors]
        return [(each["code"], each.get("field", [])) for each in extensions]
    assert answer.data is not None
    return [(error["code"], error["field"]) for error in (answer.data[name] or {}).get("errors", [])]
