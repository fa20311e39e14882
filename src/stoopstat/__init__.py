"""The numbers of Stoop: NumPy arrays in, frozen results out.

Each method validates its input, runs a pure kernel, and returns a frozen dataclass whose fields
are always all there. Randomness comes in as a `numpy.random.Generator`; nothing here reads files,
draws pictures, or knows the application.
"""
