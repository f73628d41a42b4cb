"""Name of browser and system for the list of sign-ins, from the User-Agent header."""

from __future__ import annotations

from flask import request

# The first match counts: a browser's User-Agent also names the browsers that it descends from.
BROWSERS = (
    *(("MicroMessenger", "微信"), ("Edg/", "Edge"), ("QQBrowser", "QQ浏览器"), ("360SE", "360")),
    *(("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")),
)
SYSTEMS = (
    *(("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)


def browser_name() -> str:
    """Name of the browser and system of the present request, such as “Edge · Windows”; without version, so
    that it identifies nobody. "" if neither is known."""
    agent = request.headers.get("User-Agent", "")
    names = [next((name for mark, name in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, names))
