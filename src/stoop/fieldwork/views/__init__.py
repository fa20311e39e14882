"""Pages of this module: parse, act, render."""
