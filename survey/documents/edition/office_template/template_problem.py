"""What can be wrong in a template, as the process that reads it hands it to the site."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """Something wrong in a template. `why`: key of `checking.WHY`; `about`: the name or tag; `near`: text of
    the paragraph; `place`: "body", "table", "header" or "footer"; `instead`: a name that may be meant."""

    why: str
    about: str = ""
    near: str = ""
    place: str = ""
    instead: str = ""
