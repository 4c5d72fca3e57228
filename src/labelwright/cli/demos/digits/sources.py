"""What anybody who can read might write about handwritten digits of 8 x 8 pixels.

`x.pixels` is the picture: 0 is paper, 255 is ink. A function votes for a digit or abstains.
"""

import labelwright as lw


def ink(x, rows, columns):
    """The share of ink in a part of the picture, 0 to 1."""
    return x.pixels[rows, columns].mean() / 255


@lw.source
def empty_middle(x):
    """A ring with nothing inside is a zero."""
    inside = ink(x, slice(2, 6), slice(3, 5))
    left, right = ink(x, slice(2, 6), slice(2, 3)), ink(x, slice(2, 6), slice(5, 6))
    return "0" if inside < 0.12 and left > 0.4 and right > 0.4 else None


@lw.source
def one_stroke(x):
    """All ink in the middle columns is a one."""
    middle = ink(x, slice(1, 7), slice(3, 5))
    sides = ink(x, slice(2, 6), slice(0, 2)), ink(x, slice(2, 6), slice(6, 8))
    return "1" if middle > 0.75 and max(sides) < 0.06 else None


@lw.source
def flat_foot(x):
    """A two stands on a flat foot and is open on the left above it."""
    foot = ink(x, slice(6, 8), slice(2, 6)) > 0.65 and ink(x, slice(6, 8), slice(5, 8)) > 0.3
    open_left = ink(x, slice(3, 5), slice(0, 3)) < 0.12
    return "2" if foot and open_left and ink(x, slice(0, 2), slice(2, 5)) > 0.5 else None


@lw.source
def open_left_twice(x):
    """A three is open on the left, above and below."""
    open_left = (
        ink(x, slice(3, 5), slice(0, 2)) < 0.05
        and ink(x, slice(5, 6), slice(1, 3)) < 0.3
        and ink(x, slice(2, 3), slice(1, 3)) < 0.45
    )
    ends = ink(x, slice(0, 1), slice(2, 5)) > 0.5 and ink(x, slice(7, 8), slice(2, 5)) > 0.5
    bow = ink(x, slice(4, 6), slice(5, 7)) > 0.45
    return "3" if open_left and ends and bow and ink(x, slice(6, 7), slice(0, 3)) > 0.1 else None


@lw.source
def crossbar(x):
    """A four has a bar across and an open top."""
    bar = ink(x, slice(4, 6), slice(1, 6)) > 0.55 and ink(x, slice(4, 5), slice(0, 3)) > 0.4
    open_top = (
        ink(x, slice(0, 1), slice(4, 8)) < 0.25
        and ink(x, slice(0, 1), slice(0, 2)) < 0.05
        and ink(x, slice(0, 2), slice(3, 5)) < 0.7
    )
    return "4" if bar and open_top and ink(x, slice(7, 8), slice(0, 3)) < 0.1 else None


@lw.source
def flag_to_the_right(x):
    """A five has a bar on top, a stroke down on the left, and is open on the right."""
    top = ink(x, slice(0, 1), slice(3, 7)) > 0.6 and ink(x, slice(1, 4), slice(2, 3)) > 0.55
    open_right = ink(x, slice(2, 3), slice(5, 7)) < 0.4
    return "5" if top and open_right and ink(x, slice(5, 6), slice(1, 3)) < 0.3 else None


@lw.source
def belly(x):
    """A six has nothing in the upper right and a belly below."""
    bare = ink(x, slice(0, 3), slice(5, 8)) < 0.12
    round_ = ink(x, slice(4, 7), slice(5, 7)) > 0.4 and ink(x, slice(2, 6), slice(1, 3)) > 0.45
    return "6" if bare and round_ and ink(x, slice(7, 8), slice(3, 5)) > 0.5 else None


@lw.source
def roof(x):
    """A seven has a roof, and nothing in the lower corners."""
    bare = (
        ink(x, slice(4, 8), slice(5, 8)) < 0.15
        and ink(x, slice(6, 8), slice(0, 2)) < 0.05
        and ink(x, slice(2, 4), slice(1, 3)) < 0.15
    )
    top = ink(x, slice(0, 1), slice(2, 6)) > 0.5
    return "7" if bare and top and ink(x, slice(3, 5), slice(3, 6)) > 0.5 else None


@lw.source
def waist(x):
    """An eight has ink in its waist and four strokes around it."""
    corners = [
        ink(x, rows, columns)
        for rows in (slice(1, 3), slice(5, 7))
        for columns in (slice(2, 3), slice(5, 6))
    ]
    return "8" if ink(x, slice(3, 5), slice(3, 5)) > 0.7 and min(corners) > 0.38 else None


@lw.source
def head_on_a_stalk(x):
    """A nine is round above and bare on the lower left."""
    head = (
        ink(x, slice(1, 4), slice(2, 3)) > 0.5
        and ink(x, slice(1, 4), slice(5, 6)) > 0.5
        and ink(x, slice(3, 5), slice(5, 6)) > 0.5
    )
    bare = ink(x, slice(5, 7), slice(1, 3)) < 0.25
    return "9" if head and bare and ink(x, slice(4, 6), slice(5, 7)) > 0.45 else None
