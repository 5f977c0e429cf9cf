"""What our own pages say, in each language; plain text, never markup."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """The languages of our own pages (ISO 639-1)."""

    EN = "en"
    DE = "de"
    FR = "fr"


class PageName(StrEnum):
    """The pages there are."""

    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBED = "unsubscribed"
    CONFIRM_EMAIL = "confirm_email"
    EMAIL_CONFIRMED = "email_confirmed"
    SENDER_CONNECTED = "sender_connected"
    CONNECTION_FAILED = "connection_failed"
    SIGN_IN_FAILED = "sign_in_failed"
    LINK_INVALID = "link_invalid"
    TRY_AGAIN_LATER = "try_again_later"
    PRIVACY_CONFIRM = "privacy_confirm"
    PRIVACY_CONFIRMED = "privacy_confirmed"
    PRIVACY_RESULT = "privacy_result"


@dataclass(frozen=True, slots=True)
class PageText:
    """Title, one paragraph, and the buttons' words on a page that asks; the second asks for more."""

    title: str
    body: str
    button: str | None = None
    second_button: str | None = None


TEXTS: Final[Mapping[PageName, Mapping[Language, PageText]]] = {
    PageName.UNSUBSCRIBE: {
        Language.EN: PageText(
            "Stop these messages?",
            "Press the button and the sender of this message will not write to you again.",
            "Unsubscribe",
            "Object to any use of my data",
        ),
        Language.DE: PageText(
            "Keine Nachrichten mehr?",
            "Ein Klick genügt, und der Absender dieser Nachricht schreibt Ihnen nicht mehr.",
            "Abmelden",
            "Jeder Nutzung meiner Daten widersprechen",
        ),
        Language.FR: PageText(
            "Ne plus recevoir ces messages ?",
            "Appuyez sur le bouton et l’expéditeur de ce message ne vous écrira plus.",
            "Se désinscrire",
            "M’opposer à toute utilisation de mes données",
        ),
    },
    PageName.UNSUBSCRIBED: {
        Language.EN: PageText(
            "You are unsubscribed", "No further message will be sent to you. You can close this page."
        ),
        Language.DE: PageText(
            "Sie sind abgemeldet",
            "Sie erhalten keine weiteren Nachrichten. Sie können diese Seite schließen.",
        ),
        Language.FR: PageText(
            "Désinscription confirmée",
            "Aucun autre message ne vous sera envoyé. Vous pouvez fermer cette page.",
        ),
    },
    PageName.CONFIRM_EMAIL: {
        Language.EN: PageText(
            "Confirm your e-mail address",
            "Press the button to confirm that this address is yours.",
            "Confirm",
        ),
        Language.DE: PageText(
            "E-Mail-Adresse bestätigen", "Bestätigen Sie, dass diese Adresse Ihnen gehört.", "Bestätigen"
        ),
        Language.FR: PageText(
            "Confirmer votre adresse e-mail", "Confirmez que cette adresse est la vôtre.", "Confirmer"
        ),
    },
    PageName.EMAIL_CONFIRMED: {
        Language.EN: PageText("Your address is confirmed", "You can close this page and sign in."),
        Language.DE: PageText(
            "Ihre Adresse ist bestätigt", "Sie können diese Seite schließen und sich anmelden."
        ),
        Language.FR: PageText(
            "Votre adresse est confirmée", "Vous pouvez fermer cette page et vous connecter."
        ),
    },
    PageName.SENDER_CONNECTED: {
        Language.EN: PageText("The mailbox is connected", "You can close this page and go back to Plera."),
        Language.DE: PageText(
            "Das Postfach ist verbunden", "Sie können diese Seite schließen und zu Plera zurückkehren."
        ),
        Language.FR: PageText(
            "La boîte aux lettres est connectée", "Vous pouvez fermer cette page et revenir à Plera."
        ),
    },
    PageName.CONNECTION_FAILED: {
        Language.EN: PageText(
            "The connection did not succeed", "Nothing was changed. Go back to Plera and start again."
        ),
        Language.DE: PageText(
            "Die Verbindung ist nicht gelungen",
            "Es wurde nichts geändert. Beginnen Sie in Plera noch einmal.",
        ),
        Language.FR: PageText(
            "La connexion n’a pas abouti", "Rien n’a été modifié. Revenez à Plera et recommencez."
        ),
    },
    PageName.SIGN_IN_FAILED: {
        Language.EN: PageText("Sign-in did not succeed", "You are not signed in. Please start again."),
        Language.DE: PageText(
            "Die Anmeldung ist nicht gelungen", "Sie sind nicht angemeldet. Bitte beginnen Sie noch einmal."
        ),
        Language.FR: PageText("La connexion a échoué", "Vous n’êtes pas connecté. Veuillez recommencer."),
    },
    PageName.LINK_INVALID: {
        Language.EN: PageText(
            "This link does not work", "It is incomplete, was used already, or its time has passed."
        ),
        Language.DE: PageText(
            "Dieser Link funktioniert nicht",
            "Er ist unvollständig, wurde schon benutzt oder ist abgelaufen.",
        ),
        Language.FR: PageText("Ce lien ne fonctionne pas", "Il est incomplet, a déjà servi ou a expiré."),
    },
    PageName.TRY_AGAIN_LATER: {
        Language.EN: PageText("That did not work", "The fault is ours. Please try again in a few minutes."),
        Language.DE: PageText(
            "Das hat nicht geklappt", "Der Fehler liegt bei uns. Bitte versuchen Sie es gleich noch einmal."
        ),
        Language.FR: PageText(
            "Cela n’a pas fonctionné", "L’erreur vient de nous. Veuillez réessayer dans quelques minutes."
        ),
    },
    PageName.PRIVACY_CONFIRM: {
        Language.EN: PageText(
            "Confirm your privacy request?",
            "Press the button if you asked for this yourself.",
            "I asked for this",
        ),
        Language.DE: PageText(
            "Datenschutzanfrage bestätigen?",
            "Drücken Sie die Taste, wenn Sie selbst angefragt haben.",
            "Ich habe angefragt",
        ),
        Language.FR: PageText(
            "Confirmer votre demande ?",
            "Appuyez sur le bouton si vous avez fait cette demande vous-même.",
            "C’est ma demande",
        ),
    },
    PageName.PRIVACY_CONFIRMED: {
        Language.EN: PageText(
            "Your request is confirmed", "It is being carried out. You will get a mail when it is done."
        ),
        Language.DE: PageText(
            "Ihre Anfrage ist bestätigt", "Sie wird jetzt ausgeführt. Danach erhalten Sie eine E-Mail."
        ),
        Language.FR: PageText(
            "Votre demande est confirmée",
            "Elle est en cours. Vous recevrez un e-mail quand elle sera terminée.",
        ),
    },
    PageName.PRIVACY_RESULT: {
        Language.EN: PageText(
            "The answer to your request", "Press the button to download it. It is a JSON file.", "Download"
        ),
        Language.DE: PageText(
            "Die Antwort auf Ihre Anfrage",
            "Laden Sie sie hier herunter. Es ist eine JSON-Datei.",
            "Herunterladen",
        ),
        Language.FR: PageText(
            "La réponse à votre demande", "Téléchargez-la ici. C’est un fichier JSON.", "Télécharger"
        ),
    },
}
