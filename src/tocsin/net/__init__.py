"""The door to other machines: which addresses may be called, and polite requests to them."""
