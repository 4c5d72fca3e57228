"""Does steps on versions in children of its own, so that each can be killed at any moment.

Everything is imported once; a child is a fork, and so begins at once. Reads one JSON list a line,
``[step, folder, other folder, number]``, says the child's process number, then how it ended.
"""

import json
import os
import sys
from pathlib import Path

import lance  # noqa: F401 - imported before the children need it

import labelwright as lw
import labelwright.pipeline.api.history
from labelwright.pipeline.versions import push_pull


def save(project, other, number):
    project.answer(f"m{number % 30}", "spam", person=f"p{number % 3}")
    project.history.save(f"number {number}")


def push(project, other, number):
    project.history.push(other)


def pull(project, other, number):
    project.history.pull(other)


def clone(project, other, number):
    push_pull.clone(str(project.folder), Path(other) / f"clone {number}")


def fetch(project, other, number):
    push_pull.clone(other, project.folder.parent / f"fetched {number}")


def restore(project, other, number):
    project.history.restore("base" if number % 2 else "tip")


def clean(project, other, number):
    project.history.clean()


def checkout(project, other, number):
    project.history.checkout("base", Path(other) / f"checkout {number}")


def tag(project, other, number):
    project.history.tag(f"t{number}")


STEPS = {f.__name__: f for f in (save, push, pull, clone, fetch, restore, clean, checkout, tag)}


def say(number):
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main():
    for line in sys.stdin:
        step, folder, other, number = json.loads(line)
        child = os.fork()
        if not child:
            code = 1
            try:
                STEPS[step](lw.open(folder), other, number)
                code = 0
            finally:
                sys.stderr.flush()
                os._exit(code)
        say(child)
        _, status = os.waitpid(child, 0)
        say(status)


if __name__ == "__main__":
    main()
