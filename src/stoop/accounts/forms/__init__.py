"""What people type about people, sites and themselves."""
