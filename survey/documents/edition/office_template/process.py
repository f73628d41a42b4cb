"""Process that tries out a template: `python -m survey.documents.edition.office_template.process < FILE`.

It writes "ok" and, on the lines after, the specimen as a .docx; or "problems" and what is wrong as JSON.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict

from survey.documents.attachments.confined import confine
from survey.documents.edition.bulletin import VOCABULARY, write_bulletin
from survey.documents.edition.office_template.problems import problems_of
from survey.documents.edition.office_template.template_problem import TemplateProblem


def main() -> None:
    """Try out the template on standard input."""
    logging.disable()
    confine()
    content = sys.stdin.buffer.read()
    try:
        said, made = tried(content)
    except MemoryError:
        said, made = _problem("large"), b""
    except Exception:  # each library has its own errors for a broken file
        said, made = _problem("damaged"), b""
    sys.stdout.buffer.write(said + b"\n" + made)


def tried(content: bytes) -> tuple[bytes, bytes]:
    """ "ok" and the filled-in specimen, or "problems …" and nothing."""
    from survey.documents.edition.office_template.specimen import specimen

    problems = problems_of(content, VOCABULARY)
    if problems:
        return b"problems " + json.dumps([asdict(problem) for problem in problems]).encode(), b""
    return b"ok", write_bulletin(specimen(), content)


def _problem(why: str) -> bytes:
    return b"problems " + json.dumps([asdict(TemplateProblem(why))]).encode()


if __name__ == "__main__":
    main()
