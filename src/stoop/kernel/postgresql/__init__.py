"""Django's PostgreSQL, with the session told whose rows it may touch: a DATABASES engine."""
