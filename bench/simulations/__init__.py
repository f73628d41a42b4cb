"""Simulated rounds whose truth is known: how often the engine says something false, and what it finds."""
