"""A form: where everything stands on it, its codes and words, and how it is printed."""
