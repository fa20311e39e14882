"""Sample City, a made-up city with a known truth."""
