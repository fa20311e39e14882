"""One work per file; the contract stands in bench/harness.py."""
