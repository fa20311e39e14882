"""What people type and choose: numbers, times and choices; a block or a building at most."""
