"""Process that looks into an attached file: `python -m survey.documents.attachments.process < FILE`.

It writes one line, "ok KIND" or "refused WHY", and after "ok" the file as it is to be kept. A file made to
harm its reader can only harm this process, which has little memory and time and no files.
"""

from __future__ import annotations

import sys

from survey.documents.attachments.confined import confine
from survey.documents.attachments.kinds import FileKind, FileRefused, beginning
from survey.documents.attachments.office_files import packed_anew
from survey.documents.attachments.pdf import check_pdf
from survey.documents.attachments.pictures import drawn_anew


def taken(content: bytes) -> tuple[FileKind, bytes]:
    """Kind of the file and what is kept of it; raises `FileRefused`."""
    kind = beginning(content)
    if kind is None:
        return packed_anew(content)
    if kind == FileKind.PDF:
        check_pdf(content)
        return kind, content
    return kind, drawn_anew(content, kind)


def main() -> None:
    """Look into the file on standard input."""
    confine()
    try:
        kind, content = taken(sys.stdin.buffer.read())
        said = f"ok {kind}"
    except FileRefused as error:
        said, content = f"refused {error.why}", b""
    except MemoryError:
        said, content = "refused large", b""
    except Exception:  # each library has its own errors for a broken file
        said, content = "refused damaged", b""
    sys.stdout.buffer.write(said.encode() + b"\n" + content)


if __name__ == "__main__":
    main()
