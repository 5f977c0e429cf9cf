"""Every fixture has the label a careful reader would give it."""

from datetime import date

import pytest

from domain.replies.classifying import classify
from domain.replies.labels import Classification, EvidenceSource, Label, Method, Nuance, ReferredContact
from domain.replies.mime import drop_echo
from tests.domain.replies.samples import FIXTURES, RECEIVED_ON, US, fixture, mail

EXPECTED: dict[str, tuple[Label, Nuance | None]] = {
    "auto_challenge": (Label.AUTO, Nuance.CHALLENGE),
    "auto_challenge_mailinblack": (Label.AUTO, Nuance.CHALLENGE),
    "auto_ticket": (Label.AUTO, None),
    "bounce_exchange_edge_access_denied": (Label.BOUNCE, None),
    "bounce_exchange_unknown_user": (Label.BOUNCE, None),
    "bounce_exim_header": (Label.BOUNCE, None),
    "bounce_foreign_mail": (Label.BOUNCE, None),
    "bounce_gmail_unauthenticated": (Label.BOUNCE, None),
    "bounce_gmail_unknown_user": (Label.BOUNCE, None),
    "bounce_outlook_dmarc": (Label.BOUNCE, None),
    "bounce_policy_code_on_unknown_user": (Label.BOUNCE, None),
    "bounce_postfix_delayed": (Label.BOUNCE, None),
    "bounce_postfix_full": (Label.BOUNCE, None),
    "bounce_qmail": (Label.BOUNCE, None),
    "bounce_too_large": (Label.BOUNCE, None),
    "bounce_unknown_user_code_on_block": (Label.BOUNCE, None),
    "calendar_invitation": (Label.INTERESTED, Nuance.MEETING_INVITATION),
    "calendar_reply": (Label.CALENDAR, None),
    "complaint_arf": (Label.COMPLAINT, None),
    "complaint_text": (Label.COMPLAINT, None),
    "dsn_delivered": (Label.AUTO, None),
    "dsr_access_de": (Label.DSR, Nuance.ACCESS_REQUEST),
    "dsr_erasure_en": (Label.DSR, Nuance.ERASURE_REQUEST),
    "feedback_not_spam": (Label.AUTO, None),
    "human_attachments": (Label.HUMAN, None),
    "human_bottom_posting": (Label.NOT_INTERESTED, None),
    "human_charset_liar": (Label.QUESTION, None),
    "human_colleague_left": (Label.WRONG_PERSON, Nuance.LEFT_COMPANY),
    "human_corporate_footer": (Label.INTERESTED, None),
    "human_fr_attribution": (Label.NOT_NOW, None),
    "human_gmail_html_only": (Label.INTERESTED, None),
    "human_keep_me": (Label.INTERESTED, None),
    "human_mobile": (Label.QUESTION, None),
    "human_mobile_de": (Label.INTERESTED, None),
    "human_neutral": (Label.HUMAN, None),
    "human_not_interested": (Label.NOT_INTERESTED, None),
    "human_not_now": (Label.NOT_NOW, None),
    "human_nul_and_bidi": (Label.QUESTION, None),
    "human_on_holiday": (Label.NOT_NOW, None),
    "human_outlook_html": (Label.NOT_NOW, None),
    "human_question": (Label.QUESTION, None),
    "human_referral": (Label.REFERRAL, None),
    "human_stop_by": (Label.QUESTION, None),
    "human_through_group": (Label.INTERESTED, None),
    "human_top_posting": (Label.INTERESTED, None),
    "human_wrong_person": (Label.WRONG_PERSON, None),
    "legal_de": (Label.LEGAL, None),
    "legal_en": (Label.LEGAL, None),
    "list_newsletter": (Label.LIST_MAIL, None),
    "ooo_de": (Label.OOO, None),
    "ooo_en_exchange": (Label.OOO, None),
    "ooo_en_gmail_us_date": (Label.OOO, None),
    "ooo_es": (Label.OOO, None),
    "ooo_fr": (Label.OOO, None),
    "ooo_it": (Label.OOO, None),
    "ooo_left_company": (Label.WRONG_PERSON, Nuance.LEFT_COMPANY),
    "ooo_left_company_fr": (Label.WRONG_PERSON, Nuance.LEFT_COMPANY),
    "ooo_nl": (Label.OOO, None),
    "ooo_no_headers": (Label.OOO, None),
    "ooo_pt": (Label.OOO, None),
    "ooo_quotes_us": (Label.OOO, None),
    "optout_de": (Label.UNSUBSCRIBE, None),
    "optout_de_short": (Label.UNSUBSCRIBE, None),
    "optout_en": (Label.UNSUBSCRIBE, None),
    "optout_en_polite": (Label.UNSUBSCRIBE, None),
    "optout_en_stop": (Label.UNSUBSCRIBE, None),
    "optout_en_thanks_first": (Label.UNSUBSCRIBE, None),
    "optout_es": (Label.UNSUBSCRIBE, None),
    "optout_es_baja": (Label.UNSUBSCRIBE, None),
    "optout_fr": (Label.UNSUBSCRIBE, None),
    "optout_fr_desinscrire": (Label.UNSUBSCRIBE, None),
    "optout_it": (Label.UNSUBSCRIBE, None),
    "optout_it_non": (Label.UNSUBSCRIBE, None),
    "optout_mailto": (Label.UNSUBSCRIBE, Nuance.AUTOMATIC),
    "optout_nl": (Label.UNSUBSCRIBE, None),
    "optout_nl_stuur": (Label.UNSUBSCRIBE, None),
    "optout_pt": (Label.UNSUBSCRIBE, None),
    "optout_pt_remova": (Label.UNSUBSCRIBE, None),
    "read_receipt": (Label.READ_RECEIPT, None),
}


def read(name: str) -> Classification:
    return classify(fixture(name), received_on=RECEIVED_ON, our_addresses=[US.upper()])


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED.keys())
def test_a_fixture_gets_its_label(name: str, expected: tuple[Label, Nuance | None]) -> None:
    found = read(name)

    assert (found.label, found.nuance) == expected
    assert found.method is Method.RULE
    assert 0 < found.confidence <= 1


def test_every_fixture_is_expected_to_be_something() -> None:
    assert {path.stem for path in FIXTURES.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize(
    ("name", "return_on", "delegate"),
    [
        ("ooo_de", date(2026, 12, 7), ReferredContact("Frau Erika Muster", "erika.muster@lead.example")),
        ("ooo_en_exchange", date(2026, 12, 7), ReferredContact("Jean Bartik", "jean.bartik@lead.example")),
        ("ooo_en_gmail_us_date", date(2026, 12, 5), None),
        ("ooo_es", date(2026, 12, 9), None),
        ("ooo_fr", date(2026, 12, 1), ReferredContact("Jean Petit", "jean.petit@lead.example")),
        ("ooo_it", date(2026, 12, 2), ReferredContact("Luca Bianchi", "luca.bianchi@lead.example")),
        ("ooo_nl", date(2026, 11, 30), None),
        ("ooo_no_headers", date(2026, 11, 26), None),
        ("ooo_pt", date(2026, 12, 11), ReferredContact("Ana Silva", "ana.silva@lead.example")),
        ("ooo_quotes_us", None, None),
        ("human_on_holiday", date(2026, 12, 14), None),
    ],
)
def test_an_absence_names_its_end_and_its_delegate(
    name: str, return_on: date | None, delegate: ReferredContact | None
) -> None:
    found = read(name)

    assert (found.return_on, found.referred_contact) == (return_on, delegate)


@pytest.mark.parametrize(
    ("name", "quote"),
    [
        ("human_outlook_html", "derzeit keinen"),
        ("optout_fr_desinscrire", "Désinscrivez-moi"),
        ("optout_es", "no me escriban más"),
        ("human_question", "What does it cost for 40 people?"),
        ("ooo_de", "nicht im Büro"),
    ],
)
def test_the_evidence_points_at_the_original_characters(name: str, quote: str) -> None:
    span = read(name).evidence_span

    assert span is not None
    assert span.source is EvidenceSource.NEW_TEXT
    assert span.quote == quote
    assert fixture(name).new_text[span.start : span.end] == quote


def test_an_opt_out_counts_only_in_new_words_not_in_what_was_quoted() -> None:
    quoted = mail(
        "Interesting, thanks.\n\nOn 23 Nov 2026, Ada wrote:\n\n> Please remove me from your list.\n> STOP\n"
    )

    assert classify(quoted, received_on=RECEIVED_ON).label is Label.HUMAN
    assert classify(mail("STOP"), received_on=RECEIVED_ON).label is Label.UNSUBSCRIBE


def test_our_footer_that_comes_back_without_a_quote_mark_is_not_an_opt_out() -> None:
    ours = "Hi Grace,\nwe help teams.\nTell us: please remove me from your list, and we do."
    answer = mail(f"Thanks for writing.\n\n{ours}")

    before = classify(answer, received_on=RECEIVED_ON)
    after = classify(drop_echo(answer, sent_text=ours), received_on=RECEIVED_ON)

    assert before.label is Label.UNSUBSCRIBE
    assert after.label is Label.HUMAN


def test_a_short_line_that_is_also_in_our_mail_still_counts_as_theirs() -> None:
    answer = drop_echo(mail("unsubscribe"), sent_text="Hi Grace\nunsubscribe")

    assert classify(answer, received_on=RECEIVED_ON).label is Label.UNSUBSCRIBE


def test_a_vacation_word_from_a_person_is_no_out_of_office_note() -> None:
    found = classify(mail("I'm on vacation, call me in May."), received_on=RECEIVED_ON)

    assert found.label is Label.NOT_NOW


def test_our_own_subject_behind_an_automatic_prefix_doesnt_make_it_an_absence() -> None:
    note = mail(
        "We got your mail.",
        headers="Auto-Submitted: auto-replied\n",
        subject="Automatic reply: Your holiday plans",
    )

    assert classify(note, received_on=RECEIVED_ON).label is Label.AUTO


def test_auto_submitted_no_is_what_people_send() -> None:
    person = mail("Tell me more.", headers="Auto-Submitted: no\n")

    assert classify(person, received_on=RECEIVED_ON).label is Label.INTERESTED


def test_a_gateway_header_alone_doesnt_make_a_person_a_machine() -> None:
    person = mail("What does it cost?", headers="X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\n")

    assert classify(person, received_on=RECEIVED_ON).label is Label.QUESTION


def test_an_empty_mail_is_a_person_of_unknown_tone() -> None:
    assert classify(mail(""), received_on=RECEIVED_ON).label is Label.HUMAN


def test_a_colleague_in_copy_is_the_referred_contact_but_we_never_are() -> None:
    forwarded = mail(
        "I've copied in the right person.", headers=f"Cc: {US}, Kay McNulty <kay@lead.example>\n"
    )

    found = classify(forwarded, received_on=RECEIVED_ON, our_addresses=[US])

    assert found.label is Label.REFERRAL
    assert found.referred_contact == ReferredContact("Kay McNulty", "kay@lead.example")


@pytest.mark.parametrize(
    "text",
    [
        "Article 15 of the contract covers this. Can we talk?",
        "Our CNIL audit is done, what do you offer?",
        "Our legal team will contact you about the contract.",
        "Unser Datenschutz ist geklärt. Können wir sprechen?",
        "We sell to attorneys and solicitors, does it fit?",
    ],
)
def test_words_of_law_in_ordinary_business_bind_nobody(text: str) -> None:
    assert not classify(mail(text), received_on=RECEIVED_ON).label.is_binding


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ich werde Sie bei der Datenschutzbehörde melden.", Label.LEGAL),
        ("Je vais porter plainte à la CNIL", Label.LEGAL),
        ("Vi diffido dal contattarmi ancora.", Label.LEGAL),
        ("Who gave you my email?", Label.DSR),
        ("Je m'oppose au traitement de mes données.", Label.DSR),
        ("Supprimez toutes mes données svp", Label.DSR),
        ("¿De dónde han sacado mi correo?", Label.DSR),
        ("Verwijder al mijn persoonsgegevens.", Label.DSR),
    ],
)
def test_words_that_bind_in_law_are_found_in_several_languages(text: str, label: Label) -> None:
    assert classify(mail(text), received_on=RECEIVED_ON).label is label
