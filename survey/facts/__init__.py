"""Typed results of an opened round, its facts (docs/facts.md), read by pages, documents and open data."""
