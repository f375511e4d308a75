"""Shared foundations: settings, errors, logging, atomic files."""
