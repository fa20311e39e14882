"""The pages of people, sites and one's own account."""
