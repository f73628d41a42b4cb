"""Scans of forms: finding the page, measuring its boxes, judging what they say."""
