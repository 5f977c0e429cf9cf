"""New words apart from quoted ones and from the signature."""

import pytest

from domain.replies.quoting import split_text

ATTRIBUTIONS = [
    "On Mon, Nov 23, 2026 at 9:12 AM Ada Rep <ada@plera-sender.example> wrote:",
    "On Mon, Nov 23, 2026 at 9:12 AM Ada Rep\n<ada@plera-sender.example> wrote:",
    "Am 23.11.2026 um 10:12 schrieb Ada Rep:",
    "Ada Rep <ada@plera-sender.example> schrieb am Mo., 23. Nov. 2026, 10:12:",
    "Le lun. 23 nov. 2026 à 10:12, Ada Rep <ada@plera-sender.example> a écrit :",
    "El lun, 23 nov 2026 a las 10:12, Ada Rep (<ada@plera-sender.example>) escribió:",
    "Il giorno lun 23 nov 2026 alle ore 10:12 Ada Rep <ada@plera-sender.example> ha scritto:",
    "Op ma 23 nov 2026 om 10:12 schreef Ada Rep <ada@plera-sender.example>:",
    "Em seg., 23 de nov. de 2026 às 10:12, Ada Rep <ada@plera-sender.example> escreveu:",
    "2026-11-23 10:12 GMT+01:00 Ada Rep <ada@plera-sender.example>:",
]
SEPARATORS = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "---------- Forwarded message ---------",
    "From: Ada Rep <a@b.example>\nSent: Monday\nTo: Grace\nSubject: Hi",
    "Von: Ada Rep\nGesendet: Montag\nAn: Grace\nBetreff: Hi",
    "De : Ada Rep\nEnvoyé : lundi\nÀ : Grace\nObjet : Hi",
    "De: Ada Rep\nEnviado el: lunes\nPara: Grace\nAsunto: Hi",
    "Da: Ada Rep\nInviato: lunedì\nA: Grace\nOggetto: Hi",
    "Van: Ada Rep\nVerzonden: maandag\nAan: Grace\nOnderwerp: Hi",
    "________________________________\nFrom: Ada Rep\nSent: Monday\nTo: Grace",
    "*From:* Ada Rep\n*Date:* Monday\n*To:* Grace",
]


@pytest.mark.parametrize("mark", ATTRIBUTIONS + SEPARATORS)
def test_everything_below_the_mark_is_theirs_no_more(mark: str) -> None:
    split = split_text(f"New words.\n\n{mark}\n\nOld words, remove me.")

    assert split.new == "New words."


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_answers_below_and_between_marked_quotes_are_kept(attribution: str) -> None:
    split = split_text(f"{attribution}\n\n> Old one?\nYes.\n> Old two?\n\nNo.")

    assert split.new == "Yes.\n\nNo."


@pytest.mark.parametrize(
    "text",
    [
        "Thank you, but please remove me.",
        "Best of luck with it.\nFrom: what I see, it works.",
        "On Monday I wrote:\nnothing happened",
        "- first point\n- second point",
        "Thanks\nplease take me off your list, I have asked twice now.",
    ],
)
def test_words_that_only_look_like_marks_stay(text: str) -> None:
    assert split_text(text).stripped == text


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nGrace Hopper\nLead Ltd.",
        "Best regards,\nGrace",
        "Mit freundlichen Grüßen\n\nGrace Hopper\nTel. 123",
        "Cordialement,\nGrace",
        "Saludos\nGrace",
        "Cordiali saluti\nGrace",
        "Met vriendelijke groet,\nGrace",
        "Atenciosamente,\nGrace",
        "Sent from my iPhone",
        "Von meinem Samsung Galaxy gesendet",
        "Envoyé de mon iPhone",
        "Get Outlook for iOS",
    ],
)
def test_the_signature_is_new_but_stripped(signature: str) -> None:
    split = split_text(f"New words.\n\n{signature}")

    assert split.new == f"New words.\n\n{signature}"
    assert split.stripped == "New words."


def test_a_postscript_below_the_signature_is_kept() -> None:
    assert split_text("Yes.\n\nBest,\nGrace\n\nP.S. remove Bob").stripped == "Yes.\n\n\nP.S. remove Bob"
