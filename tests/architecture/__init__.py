"""The rules of the house, each run on the real tree and proved by a deliberate break."""
