"""Link previews: which clients make them, and that they get pages where they state no preference.

Programs that preview a shared link send no Accept header, or `*/*`, as `curl` does; only their name tells them apart.
"""

from typing import Final

from publisher.web.requests import Request

PREVIEWERS: Final = (
    "akkoma",
    "cardyb",  # Bluesky
    "discordbot",
    "embedly",
    "facebookexternalhit",
    "friendica",
    "google-pagerenderer",  # Google Chat
    "iframely",
    "kakaotalk-scrap",
    "lemmy",
    "linkedinbot",
    "mastodon",
    "mattermost-bot",
    "misskey",
    "pinterestbot",
    "pleroma",
    "redditbot",
    "skypeuripreview",
    "slackbot",
    "snap url preview",
    "synapse (bot",  # Matrix
    "telegrambot",
    "twitterbot",
    "viber",
    "vkshare",
    "whatsapp",  # Signal too
    "zulipurlpreview",
)
"""What the User-Agent headers of programs that preview links contain, in lower case."""


def states_no_format(request: Request, wanted: str | None) -> bool:
    """Whether a request leaves the format open: no Accept header but `*/*`, and no parameter `format`."""
    return not wanted and (request.accept or "").strip(" \t,") in ("", "*/*")


def makes_previews(request: Request) -> bool:
    """Whether the program that sent a request previews links."""
    agent = request.headers.get("user-agent", "").lower()
    return any(name in agent for name in PREVIEWERS)
