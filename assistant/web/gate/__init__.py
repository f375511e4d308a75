"""Access control: the guard, login, limits, rates, host names, headers."""
