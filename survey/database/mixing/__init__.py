"""Mixing of rows in storage while phones go on writing, for each kind of database."""
