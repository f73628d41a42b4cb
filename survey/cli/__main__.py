"""`python -m survey.cli` is `pingyi`."""

from survey.cli import main

main(prog_name="pingyi")
