"""Departments typed by hand, one a line, as “类别：名称”."""

from __future__ import annotations

import re

from survey.ballot.questionnaire import Department
from survey.services.defaults import make_department

LINE = re.compile(r"^\s*(?P<group>[^：:]{1,30}?)\s*[：:]\s*(?P<name>[^：:]{2,60}?)\s*$")


def read_departments(text: str) -> tuple[tuple[Department, ...], list[str]]:
    """The departments in `text`, and the lines that name none."""
    lines = [line for line in text.splitlines() if line.strip()]
    matches = [(line, LINE.match(line)) for line in lines]
    read = tuple(make_department(match["name"], match["group"]) for _line, match in matches if match)
    return read, [line.strip() for line, match in matches if not match]
