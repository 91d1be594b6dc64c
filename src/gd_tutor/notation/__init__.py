"""Numbers, formulas and worked lines as text."""
