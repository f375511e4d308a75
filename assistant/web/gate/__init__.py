"""Who and what is let in: the guard, sign-in, limits, rates, host names, headers."""
