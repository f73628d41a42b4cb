"""The station's pages on its own computer: scans, settling, casting, the count, the images."""
