"""Keys that may stand in an address: nobody can guess the next one, and they sort by time."""

import secrets
import time
from uuid import UUID


def new() -> UUID:
    """A UUID of version 7: milliseconds since 1970, then 74 random bits (RFC 9562)."""
    value = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
