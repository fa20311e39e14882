"""What may be asked of people, organizations and sites."""

from stoop.accounts.queries.breaches import knows_breaches
from stoop.accounts.queries.breaches import service as breach_service
from stoop.accounts.queries.colleagues import (
    Colleague,
    colleague,
    colleagues,
    roles_of,
    roles_to_give,
)
from stoop.accounts.queries.factors import factors, is_last_needed, is_staff
from stoop.accounts.queries.overview import SiteToday, overview, status_on
from stoop.accounts.queries.people import (
    held_on,
    organizations,
    people,
    people_at,
    person,
    supervisors,
    team,
    teams,
    works_for,
)
from stoop.accounts.queries.sessions import kept_as, sessions
from stoop.accounts.queries.sites import (
    programs,
    site,
    site_by_id,
    sites,
    sites_answering,
)

__all__ = [
    "Colleague",
    "SiteToday",
    "breach_service",
    "colleague",
    "colleagues",
    "factors",
    "held_on",
    "is_last_needed",
    "is_staff",
    "kept_as",
    "knows_breaches",
    "organizations",
    "overview",
    "people",
    "people_at",
    "person",
    "programs",
    "roles_of",
    "roles_to_give",
    "sessions",
    "site",
    "site_by_id",
    "sites",
    "sites_answering",
    "status_on",
    "supervisors",
    "team",
    "teams",
    "works_for",
]
