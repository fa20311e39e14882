"""Door for writing down places: outlines with their days, and addresses."""

from stoop.places.actions.addresses import AddressesLoaded, load_addresses
from stoop.places.actions.areas import Loaded, load_areas, set_area
from stoop.places.actions.files import digests, loaded_before
from stoop.places.actions.stretches import Stretch, set_stretches

__all__ = [
    "AddressesLoaded",
    "Loaded",
    "Stretch",
    "digests",
    "load_addresses",
    "load_areas",
    "loaded_before",
    "set_area",
    "set_stretches",
]
