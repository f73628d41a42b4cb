"""Colours of the charts, readable by colour-blind people and in greyscale.

Hues are those of Okabe & Ito (2008), "Color Universal Design"; every hue with a meaning is paired with a
marker, a hatch or a word, so that no chart depends on colour.
"""

from typing import Final

INK: Final = "#1a1a1a"
MUTED: Final = "#5f6368"
RULE: Final = "#c9ccd1"
BAND: Final = "#f4f5f7"
ABOVE: Final = "#0072B2"  # blue
BELOW: Final = "#D55E00"  # vermilion
SAME: Final = "#6b6f76"
WARNING: Final = "#8a4b08"
TIERS: Final = ("#2f4858", "#8ba4b4")  # alternating lanes, dark and light, apart in greyscale too
LOW: Final = "#0b3c5d"  # ends of a scale that is monotone in lightness: dark asks for attention
HIGH: Final = "#f7fafc"

MARKERS: Final = {"above": "^", "below": "v", "same": "o"}
COLOURS: Final = {"above": ABOVE, "below": BELOW, "same": SAME}
