"""Did it work? What happened where something began, against what would have happened.

All methods here read one `Treated` panel and answer with `Estimate`s, or say in one sentence why
there is no number (`Refused`).
"""
