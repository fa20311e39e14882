"""What may be asked of people, organizations and sites."""

from stoop.accounts.queries.factors import factors, is_last_needed, is_staff
from stoop.accounts.queries.people import (
    held_on,
    holders,
    people,
    people_at,
    person,
    supervisors,
)
from stoop.accounts.queries.sites import site, site_by_id, sites, sites_answering

__all__ = [
    "factors",
    "held_on",
    "holders",
    "is_last_needed",
    "is_staff",
    "people",
    "people_at",
    "person",
    "site",
    "site_by_id",
    "sites",
    "sites_answering",
    "supervisors",
]
