"""What the program as a whole does: make its home, say that it lives, keep and bring back."""
