"""Numbers, tensors and formulas as text, in Unicode and in ASCII."""
