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
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a page
    PASSWORD_TOO_WEAK = "password_too_weak"  # noqa: S105 - a page
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a page
    JOIN = "join"
    SIGN_IN_FIRST = "sign_in_first"
    JOINED = "joined"
    SENDER_CONNECTED = "sender_connected"
    CONNECTION_FAILED = "connection_failed"
    SIGN_IN_FAILED = "sign_in_failed"
    LINK_INVALID = "link_invalid"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TRY_AGAIN_LATER = "try_again_later"
    PRIVACY_CONFIRM = "privacy_confirm"
    PRIVACY_CONFIRMED = "privacy_confirmed"
    PRIVACY_RESULT = "privacy_result"


@dataclass(frozen=True, slots=True)
class PageText:
    """Title, one paragraph, and the buttons' words on a page that asks; the second asks for more.

    Attributes:
        field: label of the one field, a new password, on a page that asks for one.
        link: words of the link on a page that leads on.
    """

    title: str
    body: str
    button: str | None = None
    second_button: str | None = None
    field: str | None = None
    link: str | None = None


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
    PageName.RESET_PASSWORD: {
        Language.EN: PageText(
            "Choose a new password",
            "At least 12 characters; a few words are good. You will be signed out everywhere.",
            "Set the password",
            field="New password",
        ),
        Language.DE: PageText(
            "Neues Passwort wählen",
            "Mindestens 12 Zeichen; ein paar Wörter sind gut. Sie werden überall abgemeldet.",
            "Passwort setzen",
            field="Neues Passwort",
        ),
        Language.FR: PageText(
            "Choisir un nouveau mot de passe",
            "Au moins 12 caractères ; quelques mots conviennent bien. Vous serez déconnecté partout.",
            "Enregistrer",
            field="Nouveau mot de passe",
        ),
    },
    PageName.PASSWORD_TOO_WEAK: {
        Language.EN: PageText(
            "This password is too weak",
            "Nothing was changed. Choose one of 12 to 256 characters that isn’t commonly used.",
            "Set the password",
            field="Another password",
        ),
        Language.DE: PageText(
            "Dieses Passwort ist zu schwach",
            "Es wurde nichts geändert. Wählen Sie eines mit 12 bis 256 Zeichen, das nicht weit verbreitet ist.",
            "Passwort setzen",
            field="Anderes Passwort",
        ),
        Language.FR: PageText(
            "Ce mot de passe est trop faible",
            "Rien n’a été modifié. Choisissez-en un de 12 à 256 caractères qui ne soit pas courant.",
            "Enregistrer",
            field="Autre mot de passe",
        ),
    },
    PageName.PASSWORD_CHANGED: {
        Language.EN: PageText(
            "Your password is set", "You are signed out everywhere. Sign in with the new password."
        ),
        Language.DE: PageText(
            "Ihr Passwort ist gesetzt",
            "Sie sind überall abgemeldet. Melden Sie sich mit dem neuen Passwort an.",
        ),
        Language.FR: PageText(
            "Votre mot de passe est enregistré",
            "Vous êtes déconnecté partout. Connectez-vous avec le nouveau mot de passe.",
        ),
    },
    PageName.JOIN: {
        Language.EN: PageText(
            "You are invited to a workspace",
            "Sign in or sign up with the address this invitation was sent to, then accept.",
            "Accept the invitation",
            link="Not signed in? Sign up, sign in and accept in the explorer",
        ),
        Language.DE: PageText(
            "Sie sind in einen Arbeitsbereich eingeladen",
            "Melden Sie sich mit der eingeladenen Adresse an oder registrieren Sie sich, dann nehmen Sie an.",
            "Einladung annehmen",
            link="Nicht angemeldet? Registrieren, anmelden und annehmen im Explorer",
        ),
        Language.FR: PageText(
            "Vous êtes invité dans un espace de travail",
            "Connectez-vous ou inscrivez-vous avec l’adresse invitée, puis acceptez.",
            "Accepter l’invitation",
            link="Pas connecté ? Inscription, connexion et acceptation dans l’explorateur",
        ),
    },
    PageName.SIGN_IN_FIRST: {
        Language.EN: PageText(
            "Please sign in first",
            "This browser isn’t signed in. The invitation waits for you: sign in, or sign up, with the address "
            "it was sent to.",
            link="Sign up, sign in and accept in the explorer",
        ),
        Language.DE: PageText(
            "Bitte melden Sie sich zuerst an",
            "Dieser Browser ist nicht angemeldet. Die Einladung bleibt offen: Melden Sie sich mit der "
            "eingeladenen Adresse an, oder registrieren Sie sich.",
            link="Registrieren, anmelden und annehmen im Explorer",
        ),
        Language.FR: PageText(
            "Veuillez d’abord vous connecter",
            "Ce navigateur n’est pas connecté. L’invitation vous attend : connectez-vous ou inscrivez-vous "
            "avec l’adresse invitée.",
            link="Inscription, connexion et acceptation dans l’explorateur",
        ),
    },
    PageName.JOINED: {
        Language.EN: PageText("Welcome to the workspace", "You are a member now. You can close this page."),
        Language.DE: PageText(
            "Willkommen im Arbeitsbereich", "Sie sind jetzt Mitglied. Sie können diese Seite schließen."
        ),
        Language.FR: PageText(
            "Bienvenue dans l’espace de travail", "Vous en êtes membre. Vous pouvez fermer cette page."
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
    PageName.TOO_MANY_ATTEMPTS: {
        Language.EN: PageText(
            "Too many attempts", "Please wait a quarter of an hour, then open the link again."
        ),
        Language.DE: PageText(
            "Zu viele Versuche",
            "Bitte warten Sie eine Viertelstunde und öffnen Sie den Link dann noch einmal.",
        ),
        Language.FR: PageText(
            "Trop de tentatives", "Veuillez patienter un quart d’heure, puis rouvrir le lien."
        ),
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
