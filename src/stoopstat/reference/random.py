"""Plain twin of kernels/random.py."""

WORD = (1 << 64) - 1


def words(seed: int, count: int) -> list[int]:
    """The first numbers of SplitMix64 from a seed."""
    found = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & WORD
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & WORD
        found.append(z ^ (z >> 31))
    return found
