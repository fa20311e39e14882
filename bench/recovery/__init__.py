"""Are the planted effects recovered? Sample City drawn many times, and asked as a study asks."""
