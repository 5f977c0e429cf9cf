from simulators.company_sites.companies import SiteKind, dns_zone, invent_companies
from simulators.company_sites.pages import build_pages


def test_the_same_seed_invents_the_same_companies() -> None:
    assert invent_companies(seed=1) == invent_companies(seed=1)
    assert invent_companies(seed=1) != invent_companies(seed=2)


def test_forty_companies_have_forty_hosts_and_every_kind_of_site() -> None:
    companies = invent_companies()

    assert len({company.host for company in companies}) == len(companies) == 40
    assert {company.kind for company in companies} == set(SiteKind)
    assert (
        sum(company.kind in (SiteKind.STRUCTURED, SiteKind.PLAIN, SiteKind.GERMAN) for company in companies)
        == 36
    )
    for company in companies:
        assert len({person.local_part for person in company.people}) == len(company.people) >= 3
        assert all(person.local_part.isascii() for person in company.people)
        assert "/" in build_pages(company)


def test_every_company_has_a_mail_server_with_an_address() -> None:
    companies = invent_companies(count=7)
    zone = dns_zone(companies)
    for company in companies:
        assert zone[company.host]["MX"] == [f"10 mail.{company.host}."]
        assert zone[f"mail.{company.host}"]["A"] == ["127.0.0.1"]
