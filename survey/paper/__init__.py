"""Paper forms: printed from a questionnaire, read from scans, cast as a phone casts (docs/paper.md)."""
