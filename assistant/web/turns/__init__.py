"""A question's turn: queued, worked on in a thread, counted."""
