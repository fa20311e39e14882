"""Door that brings outlines, populations, addresses and lists of programs in from files."""

from stoop.places.models import Areas, Program, area_code
from stoop.places.readers.addresses import Addresses, read_addresses
from stoop.places.readers.areas import read_areas
from stoop.places.readers.population import read_population
from stoop.places.readers.programs import read_program_list, read_programs

__all__ = [
    "Addresses",
    "Areas",
    "Program",
    "area_code",
    "read_addresses",
    "read_areas",
    "read_population",
    "read_program_list",
    "read_programs",
]
