"""What precision shows: the page of a brief, and a folder with a brief at an address."""
