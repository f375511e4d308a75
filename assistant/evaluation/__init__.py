"""Question sets become measures, tables and reports."""
