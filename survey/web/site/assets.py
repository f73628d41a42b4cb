"""Scripts, styles and images, built in memory when the application starts and served from there."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import brotli
from flask import Flask, Response, abort, request
from markupsafe import Markup

from survey import scripts
from survey.paths import STATIC
from survey.web.site.repeatable import repeatable

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
# What changes how the text of a script or style element is read (HTML §13.2.5.4 and §13.2.5.17).
LEAVES_ELEMENT = re.compile(r"<!--|</?(?:script|style)", re.IGNORECASE)
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Compressed:
    """Content with its Brotli and gzip forms, made when first asked for."""

    content: bytes
    media_type: str

    @cached_property
    def br(self) -> bytes:
        packed: bytes = brotli.compress(self.content, quality=11)
        return packed

    @cached_property
    def gzip(self) -> bytes:
        return gzip.compress(self.content, compresslevel=9, mtime=0)

    @cached_property
    def digest(self) -> str:
        """First 16 hex digits of the SHA-256 of the content; used in addresses and ETags."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @cached_property
    def integrity(self) -> str:
        """Value of an `integrity` attribute for the content (W3C Subresource Integrity)."""
        return scripts.integrity(self.content)

    def response(self, cache_control: str) -> Response:
        """Response to the present request: 304 if the client has this content, else in the best encoding it
        accepts."""
        accepted = request.accept_encodings
        encoding = next((name for name in ("br", "gzip") if accepted[name] > 0), None)
        body = getattr(self, encoding) if encoding else self.content
        response = Response(body, content_type=self.media_type)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cache-Control"] = cache_control
        response.set_etag(self.digest, weak=True)
        response.make_conditional(request)
        # In a cached answer it would reveal the time of a request; the server adds the present time to every
        # answer.
        del response.headers["Date"]
        return response


@dataclass(frozen=True)
class Assets:
    """Assets of the site, by name (`respond.css`) and by the name in addresses (`respond.3fa9….css`)."""

    by_name: dict[str, Compressed]

    def file_name(self, name: str) -> str:
        path = Path(name)
        return f"{path.stem}.{self.by_name[name].digest}{path.suffix}"

    def url(self, name: str) -> str:
        """Address of the asset; changes whenever the content does."""
        return f"/static/{self.file_name(name)}"

    def integrity(self, name: str) -> str:
        return self.by_name[name].integrity

    def inline(self, name: str) -> Markup:
        """Text of the asset for a script or style element; raises `ValueError` if the text could end the
        element early."""
        text = self.by_name[name].content.decode()
        if LEAVES_ELEMENT.search(text):
            raise ValueError(f"{name} cannot stand inside a page")
        return Markup(text)  # noqa: S704 - our own file, see above

    def inline_sources(self, *names: str) -> str:
        """Sources for a content policy that allow exactly these assets inside a page."""
        return " ".join(f"'{self.integrity(name)}'" for name in names)

    @cached_property
    def by_file_name(self) -> dict[str, Compressed]:
        return {self.file_name(name): asset for name, asset in self.by_name.items()}


@cache
def build_assets(static: Path = STATIC) -> Assets:
    """Assets made from everything below `static`, read once in a process: what it serves stays as it started.

    `respond.css` for phones is `tokens.css` and `respond.css` in one, without comments. Texts, images and
    fonts stay as they are.
    """
    sources = dict(scripts.read_scripts(static))
    sources |= {path.name: path.read_bytes() for path in sorted((static / "css").glob("*.css"))}
    sources["respond.css"] = scripts.join_styles(sources["tokens.css"], sources["respond.css"])
    sources["noscript.css"] = scripts.join_styles(sources["noscript.css"])
    for pattern in ("js/*/**/*.json", "img/*", "fonts/*"):
        sources |= {path.name: path.read_bytes() for path in sorted(static.glob(pattern))}
    return Assets({name: Compressed(data, TYPES[Path(name).suffix]) for name, data in sources.items()})


def install_assets(app: Flask, static: Path = STATIC) -> Assets:
    """Build the assets, serve them at `/static/…`, and give templates `asset_url(…)` and `assets`."""
    assets = build_assets(static)

    def asset(file_name: str) -> Response:
        found = assets.by_file_name.get(file_name)
        if found is None:
            abort(404)
        repeatable()
        return found.response(FOREVER)

    app.add_url_rule("/static/<file_name>", "asset", asset)
    app.jinja_env.globals.update(assets=assets, asset_url=assets.url)
    app.extensions["pingyi.assets"] = assets
    return assets
