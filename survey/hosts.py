"""Checks of host names and IP addresses."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine: a loopback address, or localhost."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_host(name: str) -> bool:
    """Whether `name` is an IP address or a domain name in lower-case ASCII."""
    try:
        ip_address(name)
    except ValueError:
        return bool(NAME.fullmatch(name))
    return True
