"""A question's turn: queueing, running in a thread, counting."""
