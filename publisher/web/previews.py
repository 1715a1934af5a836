"""Link previews: which clients make them, and that they get pages where they state no preference.

Programs that preview a shared link send no Accept header, or `*/*`, as `curl` does; only their name tells them apart.
"""

from typing import Final

from publisher.formats import HTML
from publisher.web.requests import Request

PREVIEWERS: Final = (
    "akkoma",
    "cardyb",  # Bluesky
    "discordbot",
    "embedly",
    "facebookexternalhit",
    "iframely",
    "lemmy",
    "linkedinbot",
    "mastodon",
    "misskey",
    "pinterestbot",
    "pleroma",
    "redditbot",
    "skypeuripreview",
    "slackbot",
    "synapse (bot",  # Matrix
    "telegrambot",
    "twitterbot",
    "vkshare",
    "whatsapp",
)
"""What the User-Agent headers of programs that preview links contain, in lower case."""


def states_no_format(request: Request, wanted: str | None) -> bool:
    """Whether a request leaves the format open: no Accept header but `*/*`, and no parameter `format`."""
    return not wanted and (request.accept or "").strip(" \t,") in ("", "*/*")


def find_accept(request: Request, wanted: str | None) -> str | None:
    """The header Accept of a request; HTML for a program that previews links, where the request leaves it open.

    wanted: the parameter `format`.
    """
    agent = request.headers.get("user-agent", "").lower()
    if states_no_format(request, wanted) and any(name in agent for name in PREVIEWERS):
        return HTML.media_type
    return request.accept
