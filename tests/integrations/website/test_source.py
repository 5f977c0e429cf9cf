from dataclasses import replace

import pytest

from domain.enrichment.rules.evidence import StoredText
from domain.enrichment.rules.facts import EnrichmentQuery, EnrichmentResult, Fact, Field, Outcome, Subject
from domain.errors import Invalid
from integrations.http.client import GuardedClient
from integrations.website.crawler import CrawlLimits
from integrations.website.source import WebsiteSource
from simulators.company_sites.companies import Company, SiteKind
from simulators.company_sites.pages import build_pages
from simulators.company_sites.server import CompanySites
from tests.domain.enrichment.source_contract import SourceContract
from tests.integrations.website.conftest import AGENT, FAST, NOW

EVERYTHING = frozenset(Field)
Companies = dict[SiteKind, Company]


class TestContract(SourceContract):
    @pytest.fixture
    def known(self, companies: Companies) -> EnrichmentQuery:
        company = companies[SiteKind.STRUCTURED]
        return EnrichmentQuery(website=f"http://{company.host}", full_name=company.people[0].name)

    @pytest.fixture
    def unknown(self, companies: Companies) -> EnrichmentQuery:
        return EnrichmentQuery(website=f"http://{companies[SiteKind.PARKED].host}", full_name="Ada Lovelace")


async def ask(source: WebsiteSource, company: Company, *, full_name: str = "") -> EnrichmentResult:
    query = EnrichmentQuery(website=f"http://{company.host}/", full_name=full_name)
    return await source.find(query, want=EVERYTHING)


def values(facts: tuple[Fact, ...], field: Field, *, about: str = "") -> set[str]:
    return {fact.value for fact in facts if fact.field is field and fact.about == about}


async def test_a_structured_site_tells_everything(source: WebsiteSource, companies: Companies) -> None:
    company = companies[SiteKind.STRUCTURED]
    chief, second, *_ = company.people
    result = await ask(source, company, full_name=second.name.upper())
    facts = result.facts

    assert (result.units, result.detail) == (4, "4 pages read")
    assert values(facts, Field.NAME) == {company.name}
    assert values(facts, Field.LEGAL_NAME) == {company.legal_name}
    assert company.description in values(facts, Field.DESCRIPTION)
    assert values(facts, Field.FOUNDED) == {str(company.founded)}
    assert values(facts, Field.EMPLOYEES) == {str(company.employees)}
    assert values(facts, Field.COUNTRY) == {company.country}
    assert values(facts, Field.LANGUAGE) == {"en"}
    assert values(facts, Field.EMAIL) == {company.email("hello"), company.email("info")}
    assert values(facts, Field.PHONE) == {company.phone.replace(" ", "")}
    slug = company.host.partition(".")[0]
    assert values(facts, Field.LINKEDIN_URL) == {f"https://linkedin.com/company/{slug}"}
    assert values(facts, Field.X_URL) == {f"https://x.com/{slug.replace('-', '')[:15]}"}
    assert values(facts, Field.FACEBOOK_URL) == set()
    for person in company.people:
        assert values(facts, Field.TITLE, about=person.name) == {person.title}
        assert values(facts, Field.EMAIL, about=person.name) == {company.email(person.local_part)}
    assert {fact.about for fact in facts if fact.subject is Subject.LEAD} == {second.name}
    assert {fact.about for fact in facts} == {"", *(person.name for person in company.people)}
    assert chief.name != second.name


async def test_every_fact_names_its_page_and_quotes_it_word_for_word(
    source: WebsiteSource, companies: Companies
) -> None:
    company = companies[SiteKind.PLAIN]
    result = await ask(source, company)
    pages = {f"http://{company.host}{path}": StoredText(text) for path, text in build_pages(company).items()}

    assert len(result.facts) >= 10
    for fact in result.facts:
        assert fact.retrieved_at == NOW
        # The pages of this site hold no entities, so every word of a snippet stands in the source itself.
        assert all(pages[fact.source_url].has(word) for word in fact.snippet.split() if len(word) > 2)


async def test_a_german_imprint_gives_the_firm_its_head_and_a_disguised_address(
    source: WebsiteSource, companies: Companies
) -> None:
    company = companies[SiteKind.GERMAN]
    chief, *others = company.people
    facts = (await ask(source, company)).facts

    assert values(facts, Field.LEGAL_NAME) == {company.legal_name}
    assert values(facts, Field.ADDRESS) == {f"{company.street}, {company.postal_code} {company.city}"}
    assert values(facts, Field.COUNTRY) == {"DE"}
    assert values(facts, Field.TITLE, about=chief.name) == {"Geschäftsführer"}
    for person in others:
        assert values(facts, Field.TITLE, about=person.name) == {person.title}
    (email,) = [fact for fact in facts if fact.field is Field.EMAIL]
    assert (email.value, email.confidence) == (company.email("info"), 0.6)
    assert "[at]" in email.snippet
    assert values(facts, Field.PHONE) == {company.phone.replace(" ", "")}


async def test_a_hostile_site_changes_nothing_and_its_traps_are_left(
    source: WebsiteSource, companies: Companies, sites: CompanySites
) -> None:
    company = companies[SiteKind.HOSTILE]
    result = await ask(source, company, full_name="Eve Mallory")

    told = " ".join(f"{fact.value} {fact.snippet} {fact.about}" for fact in result.facts).lower()
    for word in ("evil", "mallory", "offscreen", "fraud", "ignore", "instructions", "contract", "secret"):
        assert word not in told
    assert values(result.facts, Field.EMAIL) == {company.email("info")}
    assert max(fact.confidence for fact in result.facts) < 0.5
    assert all(fact.subject is Subject.COMPANY for fact in result.facts)
    assert result.units == 1
    assert "passages addressed to machines were ignored" in result.detail
    for note in ("ABOUT: it leads to another site", "TEAM: more than", "CONTACT: ", "IMPRINT: robots.txt"):
        assert note in result.detail
    asked = [path for host, path in sites.requests if host == company.host]
    assert "/legal" not in asked
    assert asked.count("/services") == 4


async def test_parked_slow_and_closed_sites_are_outcomes_without_facts(
    source: WebsiteSource, client: GuardedClient, companies: Companies, sites: CompanySites
) -> None:
    parked = await ask(source, companies[SiteKind.PARKED])
    impatient = WebsiteSource(client=client, now=lambda: NOW, limits=replace(FAST, page_s=0.4))
    slow = await ask(impatient, companies[SiteKind.SLOW])
    closed = await ask(source, companies[SiteKind.CLOSED])

    assert (parked.outcome, parked.facts, parked.units) == (Outcome.NOT_FOUND, (), 1)
    assert (slow.outcome, slow.facts, slow.units) == (Outcome.ERROR, (), 0)
    assert (closed.outcome, closed.facts, closed.units) == (Outcome.BLOCKED, (), 0)
    assert sum(source.cost(result.outcome) for result in (parked, slow, closed)) == 0
    assert [path for host, path in sites.requests if host == companies[SiteKind.CLOSED].host] == [
        "/robots.txt"
    ]


async def test_a_bare_domain_is_tried_with_https_and_then_http(
    source: WebsiteSource, companies: Companies
) -> None:
    company = companies[SiteKind.PLAIN]
    result = await source.find(
        EnrichmentQuery(company_domain=company.host), want=frozenset({Field.DESCRIPTION})
    )

    assert result.outcome is Outcome.FOUND
    assert {fact.value for fact in result.facts} == {company.description}


async def test_the_crawler_says_who_it_is(
    source: WebsiteSource, companies: Companies, sites: CompanySites
) -> None:
    await ask(source, companies[SiteKind.PLAIN])

    assert sites.user_agents == {AGENT}
    host = companies[SiteKind.PLAIN].host
    assert sites.requests == [(host, path) for path in ("/robots.txt", "/", "/people.html", "/contact.html")]


async def test_pages_are_capped(client: GuardedClient, companies: Companies, sites: CompanySites) -> None:
    limits = CrawlLimits(interval_s=0, pages_max=2)
    result = await ask(
        WebsiteSource(client=client, now=lambda: NOW, limits=limits), companies[SiteKind.STRUCTURED]
    )

    assert result.units == 2
    assert len(sites.requests) == 3


async def test_an_address_that_isnt_public_is_blocked_not_fetched(
    companies: Companies, sites: CompanySites
) -> None:
    async with GuardedClient(user_agent=AGENT) as client:
        source = WebsiteSource(client=client, now=lambda: NOW, limits=FAST)
        for website in (
            "http://127.0.0.1/",
            "http://169.254.169.254/",
            "http://2130706433/",
            "http://[::1]:8080/",
        ):
            result = await source.find(EnrichmentQuery(website=website), want=EVERYTHING)
            assert (result.outcome, result.facts) == (Outcome.BLOCKED, ())
    assert sites.requests == []


@pytest.mark.parametrize(
    "query", [EnrichmentQuery(full_name="Ada Lovelace"), EnrichmentQuery(website="ftp://a.example")]
)
async def test_a_query_without_a_usable_website_is_invalid(
    source: WebsiteSource, query: EnrichmentQuery
) -> None:
    with pytest.raises(Invalid):
        await source.find(query, want=EVERYTHING)
    with pytest.raises(Invalid):
        await source.find(EnrichmentQuery(website="http://acme.example"), want=frozenset())


async def test_found_and_partial_cost_what_the_price_list_says(client: GuardedClient) -> None:
    source = WebsiteSource(client=client, now=lambda: NOW, prices={Outcome.FOUND: 3})
    assert {outcome: source.cost(outcome) for outcome in Outcome if source.cost(outcome)} == {
        Outcome.FOUND: 3
    }
