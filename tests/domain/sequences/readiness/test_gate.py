"""Each rule with a message that breaks it, and a good message that breaks none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sequences.content import MessageContent, SourceNotice, compose_content, html_from_text
from domain.sequences.ports import Claim, Proof, Recipient
from domain.sequences.readiness.checks import RULE_VERSION, CheckResult, Rule
from domain.sequences.readiness.gate import check_message
from domain.sequences.rules import ThreadMode
from tests.domain.sequences.samples import (
    BODY,
    CLAIM,
    FACT,
    FOOTER,
    NOW,
    SUBJECT,
    a_fact,
    a_message,
    a_standard,
    found,
    verdict,
)

PASS, WARN, BLOCK = CheckResult.PASS, CheckResult.WARN, CheckResult.BLOCK


def with_line(line: str) -> str:
    return BODY.replace("Best regards", f"{line}\n\nBest regards")


def test_a_good_message_passes_every_rule() -> None:
    readiness = check_message(a_message(), standard=a_standard())
    assert [check for check in readiness.checks if check.result is not PASS] == []
    assert [check.rule for check in readiness.checks] == list(Rule)
    assert readiness.result is PASS
    assert readiness.score.total == 100
    assert readiness.rule_version == RULE_VERSION


@pytest.mark.parametrize("left", ["{{ lead.first_name }}", "[Your Name]", "<first name>", "{name}", "%%NAME%%", "TODO",
                                  "${company}", "(insert date here)", "Lorem Ipsum"])  # fmt: skip
def test_what_was_left_to_fill_in_blocks(left: str) -> None:
    expected = PASS if left == "Lorem Ipsum" else BLOCK
    assert verdict(a_message(body=with_line(f"And {left} too.")), Rule.PLACEHOLDER) is expected
    assert verdict(a_message(body=with_line("And lorem ipsum.")), Rule.PLACEHOLDER) is BLOCK


@pytest.mark.parametrize(
    ("greeting", "result"),
    [
        ("Hi Ada,", PASS),
        ("Dear Ms Moreau,", PASS),
        ("Hi there,", WARN),
        ("Hi Bob,", BLOCK),
        ("Hi ,", BLOCK),
        ("Hi None,", BLOCK),
        ("Sehr geehrte Frau Müller,", BLOCK),
        ("Chère Ada,", PASS),
    ],
)
def test_the_greeting_names_the_recipient(greeting: str, result: CheckResult) -> None:
    assert verdict(a_message(body=BODY.replace("Hi Ada,", greeting)), Rule.NAME) is result


def test_a_claim_without_evidence_blocks() -> None:
    content = a_message(claims=(Claim(span=CLAIM.span, evidence_ids=()),))
    assert verdict(content, Rule.CLAIM_EVIDENCE) is BLOCK


@pytest.mark.parametrize(
    "claim",
    [
        Claim(span=CLAIM.span, evidence_ids=("another-leads-fact",)),
        Claim(span="Words that aren't there", evidence_ids=("f-what",)),
        Claim(span=" ", evidence_ids=("f-what",)),
        Claim(
            span="Don't want to hear from me again?", evidence_ids=("f-what",)
        ),  # the footer isn't the text
    ],
)
def test_a_claim_that_is_not_this_leads_or_not_in_the_text_blocks(claim: Claim) -> None:
    assert verdict(a_message(claims=(CLAIM, claim)), Rule.CLAIM_EVIDENCE) is BLOCK


def test_expired_evidence_blocks_and_old_or_uncertain_evidence_warns() -> None:
    content = a_message()
    expired = a_fact(expires_at=NOW)
    old = a_fact(observed_at=NOW - timedelta(days=91))
    assert verdict(content, Rule.CLAIM_EVIDENCE, facts=(expired,)) is BLOCK
    assert verdict(content, Rule.CLAIM_AGE, facts=(old,)) is WARN
    assert verdict(content, Rule.CLAIM_AGE, facts=(a_fact(confidence=0.3),)) is WARN
    assert verdict(content, Rule.CLAIM_AGE, facts=(a_fact(observed_at=NOW - timedelta(days=90)),)) is PASS


def test_an_expired_proof_blocks() -> None:
    proof = Proof(id="p", claim="Three banks settle faster", valid_until=NOW.date() - timedelta(days=1))
    content = a_message(
        body=with_line("Three banks settle faster."),
        claims=(CLAIM, Claim(span="Three banks settle faster", evidence_ids=("p",))),
    )
    assert verdict(content, Rule.CLAIM_EVIDENCE, proofs=(proof,)) is BLOCK
    assert verdict(content, Rule.CLAIM_EVIDENCE, proofs=(replace(proof, valid_until=NOW.date()),)) is PASS


def test_a_number_that_the_evidence_does_not_have_blocks() -> None:
    span = "payment terminals for 9,900 corner shops"
    content = a_message(
        body=BODY.replace("4,200", "9,900"), claims=(Claim(span=span, evidence_ids=("f-what",)),)
    )
    check = found(check_message(content, standard=a_standard()), Rule.CLAIM_SUPPORT)
    assert (check.result, "9,900" in check.detail) == (BLOCK, True)


def test_other_words_than_the_evidence_warn() -> None:
    claim = Claim(span="nobody has to", evidence_ids=("f-what",))
    assert verdict(a_message(claims=(CLAIM, claim)), Rule.CLAIM_SUPPORT) is WARN


def test_a_number_from_nowhere_blocks_and_only_warns_when_a_person_wrote_it() -> None:
    content = a_message(body=with_line("You would save 40% of the work."))
    assert verdict(content, Rule.NUMBERS) is BLOCK
    assert verdict(content, Rule.NUMBERS, is_edited_by_person=True) is WARN
    assert verdict(a_message(body=with_line("Is 10:30 or 15 min good?")), Rule.NUMBERS) is PASS
    own = a_standard().own_words + "\n40 customers"
    assert verdict(content, Rule.NUMBERS, own_words=own) is PASS


def test_a_first_touch_about_nobody_warns() -> None:
    assert verdict(a_message(claims=()), Rule.PERSONALISATION) is WARN


@pytest.mark.parametrize(
    "line",
    [
        "See https://evil.example/x",
        "See HTTPS://EVIL.EXAMPLE",
        "See https://northwind.example@evil.example/",
        "See https://northwind.example.evil.com/",
        "See https://notnorthwind.example/",
        "See https://northwind.example\\@evil.com/",
        "See https://user:secret@northwind.example/",
        "See https://northwind.example/\\evil",
        "See evil.com for more",
        "See www.evil.co.uk/path",
        "See nоrthwind.com",  # a Cyrillic o
        "Write to x@evil.com",
        "Write to ben@evil.pumpwerk.com",
        "Open javascript:alert(1)",
        "Open mailto:x@evil.com",
        "Get ftp://northwind.example/f",
        "Call +49 40 1234 5678",
        "Call (212) 555-0100-22",
    ],
)
def test_a_contact_that_is_not_on_the_allow_list_blocks(line: str) -> None:
    assert verdict(a_message(body=with_line(line)), Rule.CONTACTS, is_edited_by_person=True) is BLOCK


@pytest.mark.parametrize(
    "line",
    ["See https://www.northwind.example/about.", "See pumpwerk.example", "Write to ben@pumpwerk.example",
     "Runs on Node.js, e.g. version 20", "Since 2019-2024"],
)  # fmt: skip
def test_contacts_of_the_workspace_and_of_the_company_pass(line: str) -> None:
    assert verdict(a_message(body=with_line(line)), Rule.CONTACTS, is_edited_by_person=True) is PASS


def test_the_workspaces_own_words_may_bring_their_link_and_phone_number() -> None:
    own = a_standard().own_words + "\nhttps://cal.example/ben or +49 40 1234 5678"
    content = a_message(body=with_line("Book at https://cal.example/ben or call +49 40 1234 5678."))
    assert verdict(content, Rule.CONTACTS) is BLOCK
    assert verdict(content, Rule.CONTACTS, own_words=own) is PASS


def test_a_link_that_is_only_in_the_html_blocks() -> None:
    content = a_message()
    hidden = replace(content, html_body=content.html_body + '<p><a href="https://evil.example/">me</a></p>')
    assert verdict(hidden, Rule.CONTACTS) is BLOCK
    pixel = replace(content, html_body=content.html_body + '<img src="https://pumpwerk.example/p.gif">')
    assert verdict(pixel, Rule.HTML) is BLOCK


def test_more_than_one_link_on_a_first_touch_warns() -> None:
    link = "https://pumpwerk.example/a"
    assert verdict(a_message(body=with_line(link)), Rule.LINK_COUNT) is PASS
    assert verdict(a_message(body=with_line(f"{link} {link}")), Rule.LINK_COUNT) is WARN


@pytest.mark.parametrize(
    "said", ["We are the MARKET  leader.", "We guarantee   savings", "we guarantee saving"]
)
def test_a_forbidden_claim_blocks_however_it_is_written(said: str) -> None:
    assert verdict(a_message(body=with_line(said)), Rule.FORBIDDEN_CLAIM) is BLOCK


def test_other_words_are_not_forbidden() -> None:
    assert verdict(a_message(body=with_line("The market watches its leaders.")), Rule.FORBIDDEN_CLAIM) is PASS


@pytest.mark.parametrize(
    "subject", ["Re: our call", "FWD: offer", "Aw: Frage", "re[2]: x y", "TR : offre du jour"]
)
def test_a_fake_reply_on_a_first_touch_blocks(subject: str) -> None:
    assert verdict(a_message(subject=subject), Rule.FAKE_THREAD) is BLOCK
    assert verdict(a_message(subject="Regarding your report"), Rule.FAKE_THREAD) is PASS


def test_a_reply_needs_a_thread_and_may_say_re() -> None:
    reply = a_message(subject="Re: A question for Northwind")
    changes = {"thread_mode": ThreadMode.REPLY}
    assert verdict(reply, Rule.FAKE_THREAD, **changes) is BLOCK
    assert verdict(reply, Rule.FAKE_THREAD, **changes, previous_subjects=(SUBJECT,)) is PASS
    assert verdict(reply, Rule.FAKE_THREAD, previous_subjects=(SUBJECT,)) is BLOCK  # a new thread


@pytest.mark.parametrize("subject", ["", "  ", "a\r\nBcc: x@y.z", "a\nb", "a\x00b", "a\u202eb", "a\u200bb", "a\u2028b",
                                     "a\ud800b"])  # fmt: skip
def test_an_empty_or_crooked_subject_blocks(subject: str) -> None:
    assert verdict(a_message(subject=subject), Rule.SUBJECT_FORM) is BLOCK


@pytest.mark.parametrize(("subject", "result"), [
    ("One", WARN), ("Two words", PASS), ("a b c d e f g h", WARN), ("x" * 40 + " " + "y" * 20, WARN),
    ("x" * 151, BLOCK),
])  # fmt: skip
def test_subjects_have_a_usual_length(subject: str, result: CheckResult) -> None:
    assert verdict(a_message(subject=subject), Rule.SUBJECT_LENGTH) is result


def test_texts_have_a_usual_length() -> None:
    assert verdict(a_message(body=" "), Rule.BODY_LENGTH) is BLOCK
    assert verdict(a_message(body="Hi Ada, a short line."), Rule.BODY_LENGTH) is WARN
    assert verdict(a_message(body="word " * 401), Rule.BODY_LENGTH) is BLOCK
    assert verdict(a_message(body="word " * 100), Rule.BODY_LENGTH) is PASS
    assert verdict(a_message(body="word " * 100), Rule.BODY_LENGTH, previous_subjects=("x",)) is WARN


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\x00", "\ufeff"])
def test_hidden_characters_in_the_text_block(hidden: str) -> None:
    content = a_message()
    assert verdict(replace(content, text_body=content.text_body + hidden), Rule.CONTROL_CHARACTERS) is BLOCK


def test_the_message_ends_with_the_footer_word_for_word() -> None:
    content = a_message()
    bare = MessageContent(subject=SUBJECT, text_body=BODY, html_body=html_from_text(BODY), claims=(CLAIM,))
    assert verdict(bare, Rule.FOOTER) is BLOCK
    assert verdict(bare, Rule.FOOTER, footer=None) is PASS
    for changes in (
        {"unsubscribe_url": "https://u.example/1"},
        {"postal_address": "Elsewhere 1"},
        {"notice": None},
    ):
        assert verdict(content, Rule.FOOTER, footer=replace(FOOTER, **changes)) is BLOCK


def test_a_workspace_without_a_postal_address_blocks() -> None:
    nowhere = replace(FOOTER, postal_address=" ")
    content = compose_content(subject=SUBJECT, text_body=BODY, claims=(CLAIM,), footer=nowhere)
    assert verdict(content, Rule.FOOTER, footer=nowhere) is BLOCK


def test_the_footers_own_links_and_sources_need_no_allow_list() -> None:
    notice = SourceNotice(controller="P", sources=("provider.com",), privacy_url="https://privacy.example/p")
    footer = replace(FOOTER, notice=notice)
    content = compose_content(subject=SUBJECT, text_body=BODY, claims=(CLAIM,), footer=footer)
    assert check_message(content, standard=a_standard(footer=footer)).result is PASS


def test_html_that_says_something_else_than_the_text_blocks() -> None:
    content = a_message()
    added = replace(content, html_body=content.html_body + "<p>And one more thing</p>")
    changed = replace(content, html_body=content.html_body.replace("Ada", "Bob"))
    bold = replace(content, html_body=content.html_body.replace("Ada", "<strong>Ada</strong>"))
    assert [verdict(each, Rule.HTML) for each in (added, changed, bold)] == [BLOCK, BLOCK, PASS]


def test_a_text_in_another_language_blocks_but_a_quotation_may_be_in_any() -> None:
    german = (
        "Guten Tag Ada Moreau,\n\nich schreibe Ihnen, weil wir für Sie und Ihre Firma mit der Buchhaltung von "
        "Terminals arbeiten und das nicht von Hand sein muss.\n\n“We build payment terminals for 4,200 corner shops”"
    )
    assert verdict(a_message(body=german), Rule.LANGUAGE) is BLOCK
    assert verdict(a_message(body=german), Rule.LANGUAGE, language="de-AT") is PASS


def test_a_sensitive_topic_blocks_unless_it_is_their_trade() -> None:
    content = a_message(body=with_line("I am sorry about your divorce."))
    assert verdict(content, Rule.SENSITIVE_TOPIC) is BLOCK
    assert verdict(content, Rule.SENSITIVE_TOPIC, own_words="Software for divorce lawyers") is WARN


def test_a_pretended_acquaintance_blocks_on_a_first_touch() -> None:
    content = a_message(body=with_line("As discussed, here it is."))
    assert verdict(content, Rule.PRETENCE) is BLOCK
    assert verdict(content, Rule.PRETENCE, previous_subjects=(SUBJECT,)) is PASS


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("This is AMAZING.", Rule.SHOUTING),
        ("So good!!", Rule.SHOUTING),
        ("Act now.", Rule.SPAM_PHRASE),
        ("Yes? No?", Rule.QUESTIONS),
        ("word " * 26, Rule.READABILITY),
    ],
)
def test_bad_manners_warn(line: str, rule: Rule) -> None:
    assert verdict(a_message(body=with_line(line)), rule) is WARN


def test_a_pictogram_in_the_subject_warns() -> None:
    assert verdict(a_message(subject="A question 🚀"), Rule.SHOUTING) is WARN


def test_a_mass_copy_warns() -> None:
    assert (
        verdict(a_message(), Rule.SIMILARITY, previous_bodies=("Something else", BODY.replace("Ada", "Eve")))
        is WARN
    )
    assert verdict(a_message(), Rule.SIMILARITY, previous_bodies=("Something else",)) is PASS


def test_the_score_falls_with_what_is_wrong() -> None:
    standard = a_standard(facts=(a_fact(observed_at=datetime(2026, 1, 1, tzinfo=UTC)),))
    content = a_message(
        body=with_line("Act now!!"), claims=(CLAIM, Claim(span="Ada", evidence_ids=("nobody",)))
    )
    readiness = check_message(content, standard=standard)
    score = readiness.score
    assert (score.grounding, score.freshness, score.deliverability) == (20, 0, 5)
    assert readiness.result is BLOCK
    assert [check.rule for check in readiness.blocks] == [Rule.CLAIM_EVIDENCE]


def test_a_message_without_claims_has_half_the_grounding() -> None:
    assert check_message(a_message(claims=()), standard=a_standard()).score.grounding == 20


def test_an_unknown_recipient_is_greeted_neutrally() -> None:
    nobody = Recipient(lead_id=a_standard().recipient.lead_id)
    body = BODY.replace("Hi Ada,", "Hello,")
    assert verdict(a_message(body=body), Rule.NAME, recipient=nobody) is PASS


@settings(max_examples=100)
@given(subject=st.text(max_size=80), body=st.text(max_size=400), span=st.text(max_size=20))
def test_any_text_gets_one_result_per_rule_and_never_an_error(subject: str, body: str, span: str) -> None:
    content = MessageContent(
        subject=subject,
        text_body=body,
        html_body=html_from_text(body),
        claims=(Claim(span=span, evidence_ids=(FACT.id,)),),
    )
    readiness = check_message(
        content, standard=a_standard(proofs=(Proof(id="p", claim="x", valid_until=date.max),))
    )
    assert [check.rule for check in readiness.checks] == list(Rule)
    assert 0 <= readiness.score.total <= 100
    assert all(len(check.detail) <= 300 for check in readiness.checks)
