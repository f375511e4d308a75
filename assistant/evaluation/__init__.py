"""Evaluation: question sets, measures, tables and reports."""
