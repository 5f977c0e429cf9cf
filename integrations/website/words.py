"""The words pages use for the same things in the languages we read: en, de, fr, es, it, pt, nl, sv, da, pl."""

import re
from enum import StrEnum


class PageKind(StrEnum):
    """What a page is for; the order is the order in which pages are worth reading."""

    HOME = "HOME"
    ABOUT = "ABOUT"
    TEAM = "TEAM"
    CONTACT = "CONTACT"
    IMPRINT = "IMPRINT"
    SERVICES = "SERVICES"


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(alternatives)})(?![^\W_])", re.IGNORECASE)


PAGE_WORDS = {
    PageKind.ABOUT: _words(
        "about([ -]?us)?", "company", "who[ -]we[ -]are", "our[ -]story", "über[ -]?uns", "ueber[ -]?uns",
        "unternehmen", "wir", "à[ -]propos", "a[ -]propos", "qui[ -]sommes[ -]nous", "entreprise", "nosotros",
        "quienes[ -]somos", "quiénes[ -]somos", "empresa", "sobre([ -]n[oó]s)?", "chi[ -]siamo", "azienda",
        "over[ -]ons", "om[ -]oss", "om[ -]os", "o[ -]nas",
    ),
    PageKind.TEAM: _words(
        "(our[ -])?(team|people|leadership|management|staff)", "meet[ -]the[ -]team", "mitarbeiter(innen)?",
        "ansprechpartner", "équipe", "equipe", "equipo", "squadra", "medarbetare", "medarbejdere", "zespół",
        "zespol", "het[ -]team",
    ),
    PageKind.CONTACT: _words(
        "contacts?([ -]us)?", "get[ -]in[ -]touch", "kontakt", "contacto", "contactez[ -]nous", "contatti",
        "contato", "contacto?s", "kontakta[ -]oss",
    ),
    PageKind.IMPRINT: _words(
        "impressum", "imprint", "legal([ -]notice)?", "mentions[ -]l[eé]gales", "aviso[ -]legal",
        "note[ -]legali", "colofon", "anbieterkennzeichnung", "company[ -]details",
    ),
    PageKind.SERVICES: _words(
        "services?", "products?", "solutions?", "what[ -]we[ -]do", "leistungen", "produkte", "lösungen",
        "loesungen", "angebot", "prestations", "produits", "servicios", "productos", "soluciones", "servizi",
        "prodotti", "serviços", "servicos", "produtos", "diensten", "tjänster", "usługi", "oferta",
    ),
}  # fmt: skip

ROLE_WORDS = _words(
    "c[etfoismprx]o", "(co-?)?founder( and| &)?", "(co-?)?owner", "president", "chair(man|woman|person)?",
    "(managing |executive |creative |technical |art )?director", "(vice president|s?vp)", "head of",
    "chief [a-z]+( officer)?", "partner", "principal", "([a-z]+ )?manager(in)?", "(team )?lead(er)?",
    "(software |sales |support |field |process )?engineer", "developer", "architect", "designer", "consultant",
    "analyst", "accountant", "assistant", "specialist", "coordinator", "sales", "marketing",
    "geschäftsführ(er|erin|ung|ende[rn]?)", "(mit)?gründer(in)?", "inhaber(in)?", "vorstand(svorsitzende[r]?)?",
    "([a-zäöü]+)?leiter(in)?", "leitung( [a-zäöü]+)?", "prokurist(in)?", "berater(in)?", "ansprechpartner(in)?",
    "entwickler(in)?", "ingenieur(in)?", "vertrieb", "buchhaltung", "assistenz", "einkauf", "meister(in)?",
    "(co-?)?fondat(eur|rice)", "pdg", "direct(eur|rice)( [a-zé]+)?", "gérante?", "responsable", "associée?",
    "(co-?)?fundador(a)?", "director(a)?", "gerente", "socio", "socia", "administrador(a)?",
    "fondat(ore|rice)", "amministrat(ore|rice)( delegato| unico)?", "titolare", "dirett(ore|rice)",
    "s[óo]cio", "diretor(a)?", "oprichter", "directeur", "eigenaar", "grundare", "vd", "prezes",
)  # fmt: skip

REPRESENTED_BY = _words(
    "vertreten durch", "vertretungsberechtigte?[rn]?( gesellschafter)?", "represented by", "représentée? par",
    "representada por", "directeur de la publication", "directrice de la publication",
)  # fmt: skip

# Words that headings are made of and names aren't.
NOT_A_NAME = word_set(
    """
    about above all and our your my we us the for with from how what why who team contact home news blog
    press careers jobs privacy policy cookie cookies terms conditions imprint legal services service
    solutions products product company companies customer customers case studies data security support sales
    marketing group partners learn more read get started free trial book demo login sign street road avenue
    square suite floor office monday tuesday wednesday thursday friday saturday sunday rights reserved
    copyright follow menu search skip über uns unser unsere ihr ihre das der die kontakt impressum
    datenschutz leistungen produkte unternehmen karriere aktuelles startseite straße strasse str platz weg
    telefon fax gmbh ug ag kg ohg ltd llc inc corp limited plc sarl sas bv nv oy ab srl spa amtsgericht
    handelsregister umsatzsteuer registergericht notre nos équipe mentions légales accueil rue nuestro
    equipo aviso calle inicio chi siamo contatti via germany deutschland france italy italia spain españa
    switzerland schweiz austria österreich europe energy software consulting systems robotics logistics
    industries technologies digital media studio labs head chief director manager officer engineer founder
    leitung vertrieb geschäftsführer
    """
)
NAME_PARTICLES = word_set(
    "von van de der den da di del della la le du dos das zu zum bin ibn al el ter ten y e"
)

PARKED = re.compile(
    r"domain (name )?(is |may be )?(for sale|parked|expired)|buy this domain|this domain|parked (free|domain)"
    r"|coming soon|under construction|website is being built|default (web )?page|welcome to nginx|it works!"
    r"|diese domain|steht zum verkauf|hier entsteht|demnächst|domaine (est )?à vendre|dominio (está )?en venta"
    r"|index of /",
    re.IGNORECASE,
)

LEGAL_FORM = re.compile(
    r"(?<!\w)(GmbH & Co\. ?KG|gGmbH|GmbH|UG \(haftungsbeschränkt\)|AG|KG|OHG|SE|e\.K\.|Ltd\.?|Limited|LLC|LLP|PLC"
    r"|Inc\.?|Corp\.?|SARL|S\.A\.R\.L\.|SASU?|S\.A\.S\.|S\.A\.|S\.L\.U?\.?|S\.r\.l\.|S\.p\.A\.|B\.V\.|N\.V\.|Oy"
    r"|AB|ApS|A/S|AS|sp\. z o\.o\.|s\.r\.o\.|Lda\.?|Pty Ltd)(?!\w)"
)
FAX = re.compile(r"\b(tele)?fax\b", re.IGNORECASE)
TELEPHONE = re.compile(r"\b(tel(?!efax)|phone|telefon|téléphone|teléfono|mobil|call)", re.IGNORECASE)
