"""The running platform, measured: real servers on this machine, on SQLite and on PostgreSQL."""
