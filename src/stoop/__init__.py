"""Stoop: the working system of a city's Office of Neighborhood Safety."""

__version__ = "0.1.0"
