"""The typed values of an opened round (docs/facts.md), read by pages, documents and open data."""
