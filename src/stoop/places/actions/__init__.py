"""Door for writing down places: outlines with their days, and addresses."""

from stoop.places.actions.addresses import AddressesLoaded, load_addresses
from stoop.places.actions.areas import Loaded, load_areas, set_area

__all__ = ["AddressesLoaded", "Loaded", "load_addresses", "load_areas", "set_area"]
