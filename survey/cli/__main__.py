"""Entry point of `python -m survey.cli`, equal to `pingyi`."""

from survey.cli import main

main(prog_name="pingyi")
