"""The phone as a person meets it, and its cryptography alone, on a slow machine: `python -m bench phone`."""

from __future__ import annotations

from typing import Any

from bench import phone_arrival, phone_cryptography, phone_taps


def main() -> list[dict[str, Any]]:
    """Measure and print; the figures as dictionaries with `name`, `value`, `unit` and `target`."""
    return [*phone_arrival.main(), *phone_taps.main(), *phone_cryptography.main()]


if __name__ == "__main__":
    main()
