"""Requests to be left alone, and sentences that only look like them."""

import pytest

from domain.replies.opt_outs import find_opt_out, is_bare_opt_out
from domain.replies.text import fold

REQUESTS = [
    "Remove me from your mailing list",
    "please unsubscribe",
    "I want to be removed.",
    "Kindly stop emailing me",
    "don’t email me again",
    "No more emails please",
    "I do not wish to receive such mails",
    "Not interested, stop.",
    "Leave me alone!",
    "How do I unsubscribe?",
    "Don't ever write again",
    "Take\nme off this list",
    "Bitte streichen Sie uns von der Liste",
    "Ich möchte nicht mehr kontaktiert werden",
    "Bitte senden Sie mir keine Mails mehr",
    "Schreiben Sie mir bitte nicht mehr",
    "Tragen Sie mich bitte aus",
    "Ne m'envoyez plus rien, retirez-moi de vos listes",
    "Je ne souhaite plus être contactée",
    "Arrêtez de m'écrire",
    "Elimínenme de su base",
    "Deje de enviarme correos",
    "No quiero recibir más correos",
    "Toglietemi dalla lista",
    "Non scrivetemi più",
    "Smettetela di scrivermi",
    "Verwijder mij uit jullie bestand",
    "Schrijf me uit",
    "Geen mails meer graag",
    "Não quero mais receber e-mails",
    "Pare de me enviar mensagens",
    "Me descadastre dessa lista",
]
NOT_REQUESTS = [
    "To unsubscribe from our newsletter, click here",
    "If you no longer wish to receive emails from us, reply with unsubscribe me.",
    "Please don't remove me from the list",
    "Could you stop by on Friday?",
    "We had to stop contacting customers by hand.",
    "How do your users unsubscribe?",
    "Wenn Sie keine weiteren E-Mails erhalten möchten, klicken Sie hier.",
    "Si vous ne souhaitez plus recevoir nos messages, cliquez ici.",
    "Si no desea recibir más correos, haga clic aquí.",
    "Se non desideri più ricevere email, clicca qui.",
    "Als u geen mails meer wilt ontvangen, klik hier.",
    "Caso não deseje mais receber e-mails, clique aqui.",
    "Please don't contact me until January.",
    "Ich habe keine Mails von Ihnen gefunden.",
    "I removed the old one. Meet us on Friday.",
]


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_is_found(text: str) -> None:
    assert find_opt_out(fold(text).text) is not None


@pytest.mark.parametrize("text", NOT_REQUESTS)
def test_what_only_looks_like_a_request_is_not_found(text: str) -> None:
    assert find_opt_out(fold(text).text) is None


def test_a_request_beside_a_footer_is_found() -> None:
    text = fold("To unsubscribe me, click here.\nActually: remove me from the list.").text
    found = find_opt_out(text)

    assert found is not None
    assert text[slice(*found)].startswith("remove me")


@pytest.mark.parametrize(
    "line",
    [
        "STOP",
        "Stop.",
        "unsubscribe please",
        "Please unsubscribe!",
        "Bitte abmelden",
        "Uitschrijven aub",
        "> baja",
    ],
)
def test_a_bare_word_is_an_opt_out(line: str) -> None:
    assert is_bare_opt_out(fold(line).text)


@pytest.mark.parametrize(
    "line", ["Non-stop", "stop by", "Re: unsubscribe rates", "", "please", "the stop", "thanks"]
)
def test_other_lines_are_none(line: str) -> None:
    assert not is_bare_opt_out(fold(line).text)
