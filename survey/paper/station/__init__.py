"""A reading station: what it keeps, what its people settle, what it casts, reports and erases."""
