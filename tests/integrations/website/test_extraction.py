import pytest

from domain.enrichment.rules.facts import Fact, Field
from domain.errors import Invalid
from integrations.website.contacts import emails_in_line, person_profile, social_profile
from integrations.website.people import is_person_name, is_role, name_fits_local_part
from integrations.website.site import choose_pages, registrable_domain, start_urls
from integrations.website.source import page_facts
from integrations.website.words import PageKind
from tests.integrations.website.conftest import ReadPage

SITE = "acme.example"


def facts_of(
    page: ReadPage, markup: str, *, kind: PageKind = PageKind.TEAM, site: str = SITE
) -> tuple[Fact, ...]:
    return page_facts(page(markup, kind=kind), site=site)


def people(facts: tuple[Fact, ...]) -> dict[str, str]:
    return {fact.about: fact.value for fact in facts if fact.field is Field.TITLE}


@pytest.mark.parametrize(
    "name",
    ["Ada Lovelace", "Dr. Jürgen Müller-Lüdenscheidt", "María de la Cruz", "Ludwig van Beethoven", "Siobhán O’Brien",
     "John F. Kennedy", "Prof. Dr. Anna Schmidt", "Łukasz Żak"],
)  # fmt: skip
def test_names_look_like_names(name: str) -> None:
    assert is_person_name(name)


@pytest.mark.parametrize(
    "text",
    ["Our Team", "Contact Us", "ada lovelace", "Ada", "Acme GmbH", "New York Office", "2 Ada Lovelace", "Data Privacy Policy",
     "We build great robots for everyone", "Über uns", "CEO CTO", "Head Office", "", "Ada van"],
)  # fmt: skip
def test_headings_and_firms_dont(text: str) -> None:
    assert not is_person_name(text)


@pytest.mark.parametrize(
    "role",
    ["CEO", "Chief Technology Officer", "Co-Founder & CTO", "Head of Sales", "Geschäftsführerin", "Vertriebsleiter",
     "Directrice commerciale", "Amministratore delegato", "Senior Software Engineer", "Leitung Einkauf"],
)  # fmt: skip
def test_roles_look_like_roles(role: str) -> None:
    assert is_role(role)


@pytest.mark.parametrize("text", ["Berlin", "Our story", "We love coffee", "+49 89 123", ""])
def test_other_lines_dont(text: str) -> None:
    assert not is_role(text)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<h3>Ada Lovelace</h3><p>CTO</p><h3>Bob Stone</h3><p>Sales Manager</p>",
         {"Ada Lovelace": "CTO", "Bob Stone": "Sales Manager"}),
        ("<li>Ada Lovelace, CTO</li><li>Bob Stone (Founder)</li><li>Eva Rust | Designer</li>",
         {"Ada Lovelace": "CTO", "Bob Stone": "Founder", "Eva Rust": "Designer"}),
        ("<p>Geschäftsführer: Ada Lovelace und Bob Stone</p>",
         {"Ada Lovelace": "Geschäftsführer", "Bob Stone": "Geschäftsführer"}),
        ("<dl><dt>Geschäftsführer:</dt><dd>Ada Lovelace</dd><dd>Berlin</dd></dl>", {"Ada Lovelace": "Geschäftsführer"}),
        ("<h3>Ada Lovelace</h3><p>She likes long walks</p>", {}),
        ("<h3>Our Customers</h3><p>CTO</p>", {}),
        ("<p>Opening hours: Monday Tuesday</p>", {}),
    ],
)  # fmt: skip
def test_people_are_read_from_cards_lists_and_labels(
    page: ReadPage, markup: str, expected: dict[str, str]
) -> None:
    assert people(facts_of(page, markup)) == expected


def test_represented_by_names_somebody_without_a_role(page: ReadPage) -> None:
    facts = facts_of(page, "<p>Vertreten durch: Ada Lovelace</p>", kind=PageKind.IMPRINT)
    assert [(fact.field, fact.value) for fact in facts if fact.about] == [(Field.NAME, "Ada Lovelace")]


def test_a_cards_address_belongs_to_the_person_it_fits(page: ReadPage) -> None:
    markup = (
        "<h3>Ada Lovelace</h3><p>CTO</p><a href='mailto:a.lovelace@acme.example'>write</a><p>info@acme.example</p>"
        "<a href='https://uk.linkedin.com/in/Ada-L/?x=1'>in</a>"
        "<h3>Bob Stone</h3><p>Founder</p><p>ada@acme.example</p><p>bob@other.example</p>"
    )
    facts = facts_of(page, markup)
    found = {
        (fact.about, fact.field, fact.value)
        for fact in facts
        if fact.field in (Field.EMAIL, Field.LINKEDIN_URL)
    }

    assert ("Ada Lovelace", Field.EMAIL, "a.lovelace@acme.example") in found
    assert ("Ada Lovelace", Field.LINKEDIN_URL, "https://linkedin.com/in/ada-l") in found
    assert not any(about == "Bob Stone" for about, _, _ in found)
    assert ("", Field.EMAIL, "info@acme.example") in found


def test_reviewers_and_authors_are_not_staff(page: ReadPage) -> None:
    markup = """<script type="application/ld+json">{"@type":"Organization","name":"Acme",
      "employee":[{"@type":"Person","name":"Ada Lovelace","jobTitle":"CTO"}],
      "review":{"@type":"Review","author":{"@type":"Person","name":"Mal Ory","jobTitle":"Boss",
        "worksFor":{"@type":"Organization","name":"Client Ltd","legalName":"Client Ltd","email":"x@acme.example"}}},
      "parentOrganization":{"@type":"Organization","name":"BigCorp","telephone":"+4989123456"}}</script>"""
    facts = facts_of(page, markup)

    assert people(facts) == {"Ada Lovelace": "CTO"}
    assert {fact.value for fact in facts if fact.field is Field.NAME and not fact.about} == {"Acme"}
    assert not [fact for fact in facts if fact.field in (Field.EMAIL, Field.PHONE, Field.LEGAL_NAME)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Mail: Ada.L@Acme.Example.", [("Ada.L@acme.example", 0.9)]),
        ("info [at] acme [dot] example", [("info@acme.example", 0.6)]),
        ("info(at)acme.example", [("info@acme.example", 0.6)]),
        ("info {ät} acme [punkt] example", [("info@acme.example", 0.6)]),
        ("info at acme dot example", [("info@acme.example", 0.45)]),
        ("meet us at acme headquarters", []),
        ("logo@2x.png", []),
        ("@acme on all networks", []),
        ("a@b", []),
        ("a@localhost", []),
    ],
)
def test_addresses_are_found_plain_and_disguised(line: str, found: list[tuple[str, float]]) -> None:
    assert [(address, confidence) for address, _, confidence in emails_in_line(line)] == found


def test_addresses_of_other_domains_are_believed_half(page: ReadPage) -> None:
    facts = facts_of(
        page, "<p>a@acme.example b@mail.acme.example c@agency.example</p>", kind=PageKind.CONTACT
    )
    assert {fact.value: fact.confidence for fact in facts if fact.field is Field.EMAIL} == {
        "a@acme.example": 0.9,
        "b@mail.acme.example": 0.9,
        "c@agency.example": 0.45,
    }


def test_telephone_numbers_are_normalised_and_faxes_left_out(page: ReadPage) -> None:
    markup = (
        "<p>Telefon: 089 2180 1234</p><p>Telefax: 089 2180 9999</p><p>Order 089 2180 5555</p>"
        "<a href='tel:+44%20113%20496%200123'>call</a><p>Fax: <a href='tel:+441134960999'>x</a></p>"
    )
    facts = facts_of(page, markup, kind=PageKind.CONTACT, site="acme.de")
    assert {fact.value for fact in facts if fact.field is Field.PHONE} == {"+498921801234", "+441134960123"}


@pytest.mark.parametrize(
    ("url", "profile"),
    [
        (
            "https://www.linkedin.com/company/acme/?trk=x",
            (Field.LINKEDIN_URL, "https://linkedin.com/company/acme"),
        ),
        ("//de.linkedin.com/company/acme", (Field.LINKEDIN_URL, "https://linkedin.com/company/acme")),
        ("https://twitter.com/acme", (Field.X_URL, "https://x.com/acme")),
        ("https://github.com/acme/repo", (Field.GITHUB_URL, "https://github.com/acme")),
        ("https://www.youtube.com/@acme", (Field.YOUTUBE_URL, "https://youtube.com/@acme")),
        ("https://m.facebook.com/acme", (Field.FACEBOOK_URL, "https://facebook.com/acme")),
        ("https://instagram.com/acme.robots/", (Field.INSTAGRAM_URL, "https://instagram.com/acme.robots")),
        ("https://www.linkedin.com/in/ada", None),
        ("https://twitter.com/intent/tweet?text=x", None),
        ("https://www.facebook.com/sharer/sharer.php", None),
        ("https://linkedin.com.evil.example/company/acme", None),
        ("https://evil.example/linkedin.com/company/acme", None),
        ("javascript://linkedin.com/company/acme", None),
        ("http://[broken", None),
    ],
)
def test_profiles_are_canonical_and_share_buttons_are_none(
    url: str, profile: tuple[Field, str] | None
) -> None:
    assert social_profile(url) == profile


def test_a_person_s_profile_is_told_from_a_company_s() -> None:
    assert person_profile("https://de.linkedin.com/in/Ada-L/en") == "https://linkedin.com/in/ada-l"
    assert person_profile("https://linkedin.com/company/acme") is None


@pytest.mark.parametrize(
    "local", ["ada.lovelace", "a.lovelace", "alovelace", "ada", "lovelace", "lovelace-ada", "adal"]
)
def test_an_address_fits_a_name(local: str) -> None:
    assert name_fits_local_part("Dr. Ada Lovelace", local)


@pytest.mark.parametrize(
    ("name", "local"), [("Ada Lovelace", "info"), ("Ada Lovelace", "adam"), ("Ada", "ada")]
)
def test_another_address_doesnt(name: str, local: str) -> None:
    assert not name_fits_local_part(name, local)


def test_letters_with_marks_fit_their_plain_forms() -> None:
    assert name_fits_local_part("Jürgen Groß", "juergen.gross")
    assert name_fits_local_part("Søren Müller", "soren.mueller")


@pytest.mark.parametrize(
    ("host", "domain"),
    [("www.acme.co.uk", "acme.co.uk"), ("a.b.acme.example", "acme.example"), ("acme.github.io", "acme.github.io"),
     ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("localhost", "localhost"), ("ACME.de.", "acme.de")],
)  # fmt: skip
def test_the_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


def test_one_page_of_each_kind_is_chosen_and_none_elsewhere() -> None:
    targets = [
        ("/blog/2024/about-our-new-team", "About our new team"),
        ("/ueber-uns/", "Über uns"),
        ("/unternehmen/team", "Team"),
        ("kontakt.html", "Kontakt"),
        ("/impressum#top", "Impressum"),
        ("https://evil.example/services", "Services"),
        ("https://shop.acme.example/produkte", "Produkte"),
        ("/team.pdf", "Team"),
        ("mailto:team@acme.example", "Team"),
        ("javascript:void(0)", "Contact"),
        ("http://[broken", "Contact"),
        ("https://acme.example/#team", "Team"),
    ]
    chosen = choose_pages(targets, home="https://acme.example/", pages_max=5)

    assert chosen == (
        (PageKind.ABOUT, "https://acme.example/ueber-uns/"),
        (PageKind.TEAM, "https://acme.example/unternehmen/team"),
        (PageKind.CONTACT, "https://acme.example/kontakt.html"),
        (PageKind.IMPRINT, "https://acme.example/impressum"),
        (PageKind.SERVICES, "https://shop.acme.example/produkte"),
    )
    assert choose_pages(targets, home="https://acme.example/", pages_max=2) == chosen[:2]


def test_where_a_crawl_starts() -> None:
    assert start_urls(website="", domain="acme.example") == ("https://acme.example/", "http://acme.example/")
    assert start_urls(website="http://acme.example/de#x", domain="other.example") == (
        "http://acme.example/de",
    )
    for website in ("", "ftp://acme.example", "http://user:pw@acme.example", "java script"):
        with pytest.raises(Invalid):
            start_urls(website=website, domain="")
