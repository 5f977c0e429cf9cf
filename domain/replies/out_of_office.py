"""Out-of-office notes in seven languages: that it is one, when they are back, who stands in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.replies.auto_replies import OOO_SUBJECT
from domain.replies.labels import EvidenceSource, EvidenceSpan, ReferredContact
from domain.replies.mime import InboundMail
from domain.replies.phrases import any_of
from domain.replies.referrals import find_referred_contact
from domain.replies.return_dates import find_return_date
from domain.replies.text import Folded, fold

AWAY = any_of(
    r"out of (?:the )?office|(?:on|taking) (?:\w+ )?(?:leave|vacation|holidays?|pto)|away (?:from (?:the |"
    r"my )?(?:office|desk|e-?mail)|until|on|till)",
    r"(?:currently|presently) (?:away|out|travell?ing|unavailable)|(?:i'm|i am|i will be|i'll be) (?:away|out|"
    r"travell?ing|on (?:\w+ )?leave)",
    r"not in the office|no access to (?:my )?e-?mails?|return(?:ing)? to (?:the )?office|office is closed",
    r"nicht im (?:buro|haus|office|dienst)|(?:im|in|aus dem) (?:\w+)?urlaub|abwesend|ausser haus|"
    r"in (?:elternzeit|mutterschutz)|nicht (?:personlich )?(?:erreichbar|anwesend)",
    r"absente?(?: du bureau| jusqu\w*| du)?|en (?:conges?|vacances|deplacement|formation)|hors du bureau|"
    r"(?:conge|conges) (?:maternite|parental|annuels?)",
    r"fuera de (?:la |mi )?oficina|de vacaciones|ausente|de permiso|fuera del? (?:trabajo|despacho)|"
    r"no estare (?:disponible|en la oficina)",
    r"fuori (?:ufficio|sede)|in (?:ferie|vacanza)|assente|non (?:sono|saro) (?:in ufficio|in sede|disponibile|"
    r"raggiungibile)",
    r"afwezig|niet (?:op kantoor|aanwezig|bereikbaar)|(?:met|op) (?:\w+ )?(?:vakantie|verlof|"
    r"zwangerschapsverlof)|buiten kantoor",
    r"fora do escritorio|fora da empresa|(?:de|em|em periodo de) ferias|ausente|de licenca|"
    r"nao estarei (?:disponivel|no escritorio)",
)
# A person on leave may write "I'm on vacation, let's talk in May"; a note also says one of these.
_NOTE_MANNER = any_of(
    r"(?:limited|no|restricted|intermittent|sporadic) access to (?:my )?(?:e-?mails?|mail|inbox)|"
    r"thank you for (?:your|the) (?:e-?mail|message|mail)",
    r"(?:for|in) (?:case of )?(?:urgent|emergenc\w+|anything urgent|immediate)[^.!?\n]{0,40}|(?:will|"
    r"shall) (?:respond|reply|answer|get back|read)[^.!?\n]{0,60}(?:return|back)",
    r"in dringenden (?:fallen|angelegenheiten)|(?:ihre|eure|deine) (?:e-?mail|nachricht|"
    r"mail)[^.!?\n]{0,60}(?:nicht (?:automatisch )?weitergeleitet|nach meiner ruckkehr)|(?:vielen dank|"
    r"danke) fur ihre (?:e-?mail|nachricht|mail)",
    r"en cas d'urgence|pour toute (?:urgence|demande urgente)|des mon retour|a mon retour|merci (?:de|"
    r"pour) votre (?:message|e-?mail|mail)",
    r"(?:en caso de|para (?:temas|asuntos)) (?:urgen\w+|emergencia)|a mi (?:vuelta|regreso)|(?:gracias por su|"
    r"gracias por tu) (?:mensaje|correo)",
    r"(?:in caso di|per) (?:urgenz\w+|necessita urgenti|questioni urgenti)|al mio (?:rientro|ritorno)|"
    r"grazie per (?:la sua|il tuo|la tua|il suo) (?:e-?mail|mail|messaggio)",
    r"(?:voor|in) (?:dringende|spoedeisende|geval van)[^.!?\n]{0,30}|(?:na|bij) (?:mijn )?terugkomst|"
    r"(?:bedankt|dank) voor (?:uw|je) (?:e-?mail|bericht|mail)",
    r"(?:em caso de|para assuntos) (?:urgen\w+|emergencia)|(?:no|apos o) meu (?:regresso|retorno)|"
    r"(?:obrigad[oa]|agradeco) (?:pela|pelo|a) (?:sua|seu|tua|teu)? ?(?:mensagem|e-?mail|contacto)",
)


@dataclass(frozen=True, slots=True)
class OutOfOffice:
    """A note that its writer is away.

    Args:
        return_on: the day named as the return; None when none was.
        delegate: who stands in meanwhile; for review only.
        has_note_manner: it also says what such notes say, so a machine wrote it even if no header tells.
    """

    return_on: date | None
    delegate: ReferredContact | None
    has_note_manner: bool
    evidence: EvidenceSpan


def find_out_of_office(
    mail: InboundMail, *, received_on: date, our_addresses: Collection[str] = ()
) -> OutOfOffice | None:
    """Return what an out-of-office note says, or None when the wording isn't one.

    Only new words are read: a note that quotes our mail says nothing through it. Whether a machine sent it is a
    separate question (``auto_replies.find_auto_signal``).

    Args:
        received_on: the day it came, in the lead's or the workspace's zone; relative days count from it.
        our_addresses: lower case; never taken for a delegate.
    """
    body, subject = fold(mail.new_text[:20_000]), fold(mail.subject)
    evidence = _find_away(mail, body=body, subject=subject)
    if evidence is None:
        return None
    named = find_return_date(body.text, received_on=received_on) or find_return_date(
        subject.text, received_on=received_on
    )
    known = {mail.sender.address, *our_addresses, *(each.address for each in mail.to)}
    return OutOfOffice(
        return_on=named.day if named else None,
        delegate=find_referred_contact(mail.new_text, known=known),
        has_note_manner=bool(_NOTE_MANNER.search(body.text)),
        evidence=evidence,
    )


def _find_away(mail: InboundMail, *, body: Folded, subject: Folded) -> EvidenceSpan | None:
    in_body = AWAY.search(body.text)
    if in_body:
        return EvidenceSpan.in_text(
            EvidenceSource.NEW_TEXT, text=mail.new_text, folded=body, start=in_body.start(), end=in_body.end()
        )
    in_subject = OOO_SUBJECT.search(subject.text)
    if in_subject:
        return EvidenceSpan.in_text(
            EvidenceSource.SUBJECT,
            text=mail.subject,
            folded=subject,
            start=in_subject.start(),
            end=in_subject.end(),
        )
    return None
