"""What a column can mean for a lead, and the names real exports give such columns.

The names come from Apollo, HubSpot, LinkedIn (connections, Sales Navigator and the exporters people use
with it), Salesforce reports, Pipedrive, Google and Outlook contacts, in English and the larger European
languages. They are compared without case, accents, spaces and punctuation.
"""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from domain.leads.normalising.names import fold_name


class LeadField(StrEnum):
    """What a column can be mapped to."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    TITLE = "title"
    SENIORITY = "seniority"
    DEPARTMENT = "department"
    PHONE = "phone"
    MOBILE_PHONE = "mobile_phone"
    LINKEDIN_URL = "linkedin_url"
    COMPANY_NAME = "company_name"
    COMPANY_DOMAIN = "company_domain"
    COMPANY_WEBSITE = "company_website"
    COMPANY_LINKEDIN_URL = "company_linkedin_url"
    COMPANY_INDUSTRY = "company_industry"
    COMPANY_SIZE = "company_size"
    CITY = "city"
    REGION = "region"
    COUNTRY = "country"
    TIME_ZONE = "time_zone"
    LOCALE = "locale"
    NOTES = "notes"
    OPT_OUT = "opt_out"
    """Yes means never write to this person."""
    OPT_IN = "opt_in"
    """No means never write to this person; empty says nothing."""
    OPT_OUT_STATUS = "opt_out_status"
    """A stage or status whose value may be "Do Not Contact"; the value is kept as a custom field."""
    OPT_OUT_PHONE = "opt_out_phone"
    """Yes means never call this person."""


# Earlier names win when several columns of a file mean the same.
_NAMES: Final[dict[LeadField, str]] = {
    LeadField.EMAIL: (
        "email|e-mail|email address|e-mail address|work email|business email|professional email|"
        "company email|primary email|corporate email|contact email|e-mail 1 value|e-mail 1 - value|email 1|"
        "e-mail-adresse|email adresse|emailadresse|mailadresse|mail|adresse e-mail|adresse email|courriel|"
        "adresse electronique|adresse mail|correo|correo electronico|direccion de correo|indirizzo email|"
        "indirizzo e-mail|posta elettronica|e-mailadres|endereco de e-mail|eposta|e-post|sahkoposti|"
        "adres e-mail|メールアドレス|メール|电子邮件|邮箱|электронная почта|почта|эл почта|email value|hs_email|emails"
    ),
    LeadField.FIRST_NAME: (
        "first name|firstname|given name|forename|fname|vorname|prenom|nombre|primer nombre|"
        "nome|nome proprio|voornaam|fornavn|fornamn|etunimi|imie|jmeno|名|имя|first"
    ),
    LeadField.LAST_NAME: (
        "last name|lastname|surname|family name|lname|nachname|familienname|nom de famille|nom|apellido|"
        "apellidos|cognome|sobrenome|achternaam|efternavn|efternamn|sukunimi|nazwisko|prijmeni|姓|"
        "фамилия|last"
    ),
    LeadField.FULL_NAME: (
        "full name|fullname|name|contact name|lead name|person name|display name|prospect name|person|"
        "vollstandiger name|ansprechpartner|nom complet|nombre completo|nome completo|volledige naam|naam|"
        "氏名|姓名|фио|contact full name"
    ),
    LeadField.TITLE: (
        "title|job title|jobtitle|position|current position|current title|current job|role|job role|job|"
        "designation|headline|occupation|profession|professional title|berufsbezeichnung|"
        "positionsbezeichnung|funktion|jobtitel|stelle|poste|fonction|intitule du poste|cargo|puesto|"
        "ruolo|qualifica|functie|functietitel|stanowisko|役職|职位|должность|person title|"
        "organization title|organization 1 title"
    ),
    LeadField.SENIORITY: (
        "seniority|seniority level|employment seniority|job level|management level|level|hierarchieebene|"
        "person seniority"
    ),
    LeadField.DEPARTMENT: (
        "department|departments|job function|function|employment role|sub departments|team|abteilung|"
        "departement|service|departamento|dipartimento|afdeling|dzial|部署|отдел"
    ),
    LeadField.PHONE: (
        "phone|phone number|work direct phone|direct phone|direct dial|work phone|business phone|"
        "telephone|tel|first phone|office phone|telephone number|phone 1 value|phone 1 - value|"
        "primary phone|contact phone|other phone|phone work|telefon|telefonnummer|rufnummer|tel nr|"
        "telefono|numero de telephone|numero de telefono|telefone|telefoon|telefoonnummer|puhelin|電話番号|"
        "电话|телефон"
    ),
    LeadField.MOBILE_PHONE: (
        "mobile phone|mobile|mobile phone number|mobile number|cell phone|cell|cell number|cellphone|"
        "phone mobile|handy|handynummer|mobil|mobiltelefon|mobilnummer|portable|telephone mobile|movil|"
        "telefono movil|cellulare|celular|mobiel|手机|携帯電話"
    ),
    LeadField.LINKEDIN_URL: (
        "linkedin url|person linkedin url|linkedin|linkedin profile|linkedin profile url|profile url|"
        "linkedin link|linkedin contact profile url|linkedinprofileurl|default profile url|"
        "public profile url|linkedin profil|linkedin public url|sales navigator url|"
        "sales navigator profile url|salesnavigatorprofileurl|sales nav url|prospect linkedin url|"
        "linkedin sales navigator url|lead linkedin url|hs_linkedin_url|linkedin page|profil linkedin|"
        "contact linkedin url|linkedin bio url|profile link|linkedinurl|url"
    ),
    LeadField.COMPANY_NAME: (
        "company|company name|account name|account|organization|organisation|organization name|"
        "organisation name|company account|company / account|employer|current company|associated company|"
        "primary associated company|business|business name|company name for emails|firm|organization 1 name|"
        "person organization|firma|firmenname|unternehmen|unternehmensname|arbeitgeber|entreprise|societe|"
        "nom de l entreprise|empresa|nombre de la empresa|compania|azienda|societa|nome azienda|bedrijf|"
        "bedrijfsnaam|foretag|virksomhed|yritys|会社名|公司|компания|nome da empresa|account: account name"
    ),
    LeadField.COMPANY_DOMAIN: (
        "company domain|domain|company domain name|website domain|email domain|account domain|"
        "organization domain|primary domain|web domain|domane|domaine|dominio|domein|"
        "company website domain"
    ),
    LeadField.COMPANY_WEBSITE: (
        "website|company website|website url|company url|web site|homepage|company site|account website|"
        "regular company url|organization website|corporate website|web|webseite|internetseite|site web|"
        "site internet|sitio web|pagina web|sito web|site|webadres|company website url|company homepage"
    ),
    LeadField.COMPANY_LINKEDIN_URL: (
        "company linkedin url|company linkedin|linkedin company page|company linkedin profile|"
        "organization linkedin url|account linkedin url|linkedin company url|company linkedin link|"
        "corporate linkedin url|companyurl linkedin|company linkedin profile url"
    ),
    LeadField.COMPANY_INDUSTRY: (
        "industry|company industry|account industry|sector|branche|industrie|secteur|industria|settore|"
        "sektor|primary industry|业种|業種|отрасль|vertical|company primary industry"
    ),
    LeadField.COMPANY_SIZE: (
        "# employees|employees|number of employees|no of employees|no. of employees|employee count|"
        "company size|headcount|company headcount|company headcount range|company employee count|"
        "employee range|company employee range|company employees|num employees|staff count|mitarbeiter|"
        "mitarbeiterzahl|anzahl mitarbeiter|unternehmensgrosse|effectif|nombre d employes|"
        "numero de empleados|empleados|numero di dipendenti|dipendenti|aantal medewerkers|"
        "estimated num employees|company number of employees|numberofemployees"
    ),
    LeadField.CITY: (
        "city|town|person city|mailing city|billing city|city/town|stadt|ort|ville|ciudad|citta|"
        "cidade|plaats|stad|miasto|城市|city locality"
    ),
    LeadField.REGION: (
        "state|state/region|region|province|state/province|person state|mailing state|"
        "mailing state/province|billing state|bundesland|kanton|etat|estado|provincia|regione|provincie|"
        "wojewodztwo|county|stateprovince|mailing state/province (text only)"
    ),
    LeadField.COUNTRY: (
        "country|country/region|country name|person country|mailing country|billing country|country code|"
        "land|pays|pais|paese|kraj|maa|国|国家|страна|mailing country (text only)|country/region code"
    ),
    LeadField.TIME_ZONE: (
        "time zone|timezone|tz|contact timezone|hs_timezone|zeitzone|fuseau horaire|zona horaria|"
        "fuso orario|tijdzone|person time zone"
    ),
    LeadField.LOCALE: (
        "language|preferred language|locale|language code|contact language|sprache|langue|idioma|lingua|"
        "taal|lang"
    ),
    LeadField.NOTES: (
        "notes|note|comments|comment|remarks|lead notes|contact notes|notizen|bemerkung|bemerkungen|"
        "kommentar|commentaires|notas|opmerkingen"
    ),
    LeadField.OPT_IN: (
        "email opt in|opt in|opted in|email optin|marketing consent|email consent|consent|subscribed|"
        "newsletter subscribed|accepts marketing|accepts email marketing|marketing opt in|gdpr consent|"
        "einwilligung|werbeeinwilligung|consentement"
    ),
    LeadField.OPT_OUT_STATUS: (
        "stage|contact stage|lead status|status|contact status|marketing status|marketing emails status|"
        "email marketing status|subscription status|prospect status|lead stage|person stage"
    ),
}

_PREFIX: Final = re.compile(
    r"(?:person|contact|lead|prospect|people|candidate|member|primary|mailing|hs)[\s_:./-]+"
)
_TRAILER: Final = re.compile(r"\s*(?:\([^()]*\)|\*+|:)\s*$")
# Words rather than names, because every customer words these columns anew, and missing one means
# writing to somebody who asked not to be written to.
_OPT_OUT: Final = re.compile(
    r"""unsubscrib | \bopt(?:ed|s|ing)?\ ?out
    | \bdo\ not\ (?:e\ ?mail|mail|contact|market|send|disturb|solicit) | \bdn[ce]\b
    | \bno\ contact\b | email\ refus | black\ ?list | block\ ?list | suppress | gdpr\ (?:delet|remov|object)
    | donot(?:contact|email|mail)
    | abgemeldet | abbestell | widerspr | widerruf | nicht\ (?:kontakt|anschreib|mail)
    | keine\ (?:werbung|e\ ?mails?) | werbesperre
    | desabonn | desinscri | ne\ pas\ contact | opposition\b | dado\ de\ baja | no\ contactar | desuscri | disiscri
    | non\ contattare | uitgeschreven | afgemeld | niet\ (?:benaderen|mailen|contacteren) | descadastr | nao\ contatar
    | afmeldt | avregistrer""",
    re.VERBOSE,
)
_OPT_OUT_PHONE: Final = re.compile(
    r"""\bdo\ not\ (?:call|phone|text|sms|dial|fax) | donotcall
    | \bdnd\b | \b(?:call|phone|sms|text|fax)\ opt(?:ed)?\ ?out
    | \bopt(?:ed)?\ ?out\b.{0,12}\b(?:calls?|phone|sms|text)\b | \bno\ (?:phone\ )?calls?\b
    | nicht\ anrufen | ne\ pas\ appeler | no\ llamar | non\ chiamare | niet\ bellen""",
    re.VERBOSE,
)
_ABOUT_OPT_OUT: Final = re.compile(r"\b(?:link|url|token|source|method|reason|grund|page|survey|feedback)\b")


def _squash(text: str) -> str:
    return fold_name(text).replace(" ", "")


_FIELD_BY_NAME: Final = {
    _squash(name): (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split("|"))
}
HEADER_NAMES: Final = tuple(_FIELD_BY_NAME)
"""All known names, folded, for finding misspelt ones."""


def fold_header(header: str) -> str:
    """Return a header as the keys of the vocabulary are written: letters and digits only, no accents."""
    return _squash(header)


def field_of(name: str) -> LeadField:
    """Return the field one of ``HEADER_NAMES`` stands for."""
    return _FIELD_BY_NAME[name][0]


@lru_cache(maxsize=8_192)
def recognise_header(header: str) -> tuple[LeadField, int, float] | None:
    """Return (field, rank among its names: lower is better, confidence 0..1) of a known header.

    Opt-out columns are recognised by their words, wherever these stand in the header.
    """
    if len(header) > 200:
        return None
    words = fold_words(header)
    if opt_out := _recognise_opt_out(words):
        return opt_out
    found = _FIELD_BY_NAME.get(words.replace(" ", ""))
    if found:
        return (*found, 1.0)
    bare = _TRAILER.sub("", header.strip().lower())
    for candidate, confidence in ((bare, 0.95), (_PREFIX.sub("", bare, count=1), 0.9)):
        if found := _FIELD_BY_NAME.get(_squash(candidate)):
            return (found[0], found[1] + 50, confidence)
    return None


def fold_words(header: str) -> str:
    """Return a header in lower-case words: ``emailOptOut`` gives ``email opt out``."""
    return fold_name(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", header))


def _recognise_opt_out(words: str) -> tuple[LeadField, int, float] | None:
    if _OPT_OUT_PHONE.search(words):
        return (LeadField.OPT_OUT_PHONE, 0, 1.0)
    if _OPT_OUT.search(words) and not _ABOUT_OPT_OUT.search(words):
        return (LeadField.OPT_OUT, 0, 1.0)
    return None
