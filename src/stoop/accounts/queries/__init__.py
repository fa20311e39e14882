"""What may be asked of people, organizations and sites."""

from stoop.accounts.queries.people import people, people_at, person, supervisors
from stoop.accounts.queries.sites import site, sites

__all__ = ["people", "people_at", "person", "site", "sites", "supervisors"]
