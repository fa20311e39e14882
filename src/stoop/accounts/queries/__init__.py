"""What may be asked of people, organizations and sites."""

from stoop.accounts.queries.people import holders, people, people_at, person, supervisors
from stoop.accounts.queries.sites import site, site_by_id, sites, sites_answering

__all__ = [
    "holders",
    "people",
    "people_at",
    "person",
    "site",
    "site_by_id",
    "sites",
    "sites_answering",
    "supervisors",
]
