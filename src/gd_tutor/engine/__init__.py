"""The engine: formulas parsed, checked, differentiated and compiled, and runs of them."""
