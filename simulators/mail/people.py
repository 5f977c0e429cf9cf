"""How recipients react to a message: what they answer, when, and in which words."""

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Reaction(StrEnum):
    """What a recipient does."""

    SILENCE = "SILENCE"
    REPLY = "REPLY"
    OUT_OF_OFFICE = "OUT_OF_OFFICE"
    BOUNCE = "BOUNCE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    COMPLAINT = "COMPLAINT"


@dataclass
class Person:
    """Recipients whose address matches a pattern (``*@acme.example``), and how they react.

    ``times`` limits how many messages they react to (below zero: all); ``text`` replaces the standard words;
    ``language`` picks the out-of-office notice; ``status`` is a bounce's enhanced code.
    """

    pattern: str
    reaction: Reaction
    delay_s: float = 0
    times: int = -1
    text: str = ""
    language: str = "en"
    status: str = "5.1.1"

    def matches(self, address: str) -> bool:
        """Tell whether this is the recipient."""
        return fnmatchcase(address.lower(), self.pattern.lower())

    def takes_note(self) -> bool:
        """Tell whether there is a reaction this time, and count it."""
        if self.times == 0:
            return False
        self.times -= 1
        return True


REPLIES = "Thanks for writing. That sounds useful, could you tell me more on Thursday at 10?"
UNSUBSCRIBE_REQUEST = "Please remove me from your list and don't write to me again."
OUT_OF_OFFICE = {
    "en": (
        "Automatic reply: {}",
        "I am out of the office until Monday, 7 December. For urgent matters call the desk.",
    ),
    "de": (
        "Abwesenheitsnotiz: {}",
        "Ich bin bis einschließlich 7. Dezember nicht im Büro. Ich antworte danach.",
    ),
    "fr": (
        "Réponse automatique : {}",
        "Je suis absent du bureau jusqu'au 7 décembre et vous répondrai à mon retour.",
    ),
    "nl": (
        "Automatisch antwoord: {}",
        "Ik ben tot en met 7 december afwezig en beantwoord uw bericht daarna.",
    ),
    "es": ("Respuesta automática: {}", "Estoy fuera de la oficina hasta el 7 de diciembre."),
    "it": ("Risposta automatica: {}", "Sono fuori ufficio fino al 7 dicembre."),
}
