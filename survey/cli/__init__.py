"""The command line, `pingyi`."""

import click


@click.group()
def main() -> None:
    """Anonymous review of departments by enterprises."""
