"""Django's engine for SQLite, with an orderly queue of writers."""
