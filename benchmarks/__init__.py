"""Benchmarks: cost and quality, compared with what a user would otherwise build."""
