"""What servers on this machine say."""

import urllib.request

DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Without a proxy: `urlopen` keeps for the whole process those of the test that used it first."""


def fetched(url, *, timeout_s=30):
    """The body of the answer; an OSError if there is none yet."""
    with DIRECTLY.open(url, timeout=timeout_s) as answer:
        return answer.read()
