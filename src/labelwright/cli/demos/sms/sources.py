"""What anybody with a telephone might write about text messages."""

import labelwright as lw


@lw.source
def shouting(x):
    """Many words in capital letters are an advertisement."""
    words = x.text.split()
    loud = [word for word in words if len(word) > 2 and word.isupper()]
    return "spam" if len(loud) >= 4 else None


@lw.source
def short_note(x):
    """A short note without figures comes from a friend."""
    short = len(x.text) < 60
    return "ham" if short and not any(letter.isdigit() for letter in x.text) else None


@lw.source
def talks_of_itself(x):
    """Who writes of himself in small letters is a person."""
    words = x.text.split()
    return "ham" if sum(word in {"i", "im", "i'm", "me", "my"} for word in words) >= 2 else None
