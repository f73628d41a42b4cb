"""Measurements: every figure stands beside a baseline of the same run. Run all with ``python -m bench``."""
