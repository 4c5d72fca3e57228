"""The Label screen as a test presses it."""

READ_MS = 250
"""So long a person reads at least; what comes sooner the app takes for a key that bounced."""


class Desk:
    """The Label screen, and all that it sent."""

    def __init__(self, page):
        self.page, self.votes, self.skipped = page, [], []
        page.on("request", self._heard)
        page.wait_for_selector("article.item")

    def _heard(self, request):
        if request.method == "POST" and request.url.endswith("/votes"):
            self.votes += request.post_data_json["votes"]
        if request.method == "POST" and request.url.endswith("/queue/skip"):
            self.skipped.append(request.post_data_json["item"])

    @property
    def item(self):
        return int(self.page.get_attribute("article.item", "data-item"))

    @property
    def suggested(self):
        """What Enter would accept; empty if nothing."""
        return "".join(self.page.locator("button.accept strong").all_inner_texts())

    def after(self, act):
        """Does something and waits for another question; gives the item that was shown."""
        before = self.item
        self.page.wait_for_timeout(READ_MS)
        act()
        self.page.wait_for_function(
            "before => +document.querySelector('article.item')?.dataset.item !== before",
            arg=before,
        )
        return before

    def press(self, key):
        return self.after(lambda: self.page.keyboard.press(key))

    def click(self, where):
        return self.after(lambda: self.page.click(where))

    def until_suggested(self):
        """Skips to a question with a suggestion; gives what is suggested."""
        while not self.suggested:
            self.press("Space")
        return self.suggested

    def focus(self, where):
        """Reaches a button by Tab."""
        self.page.focus("#main")
        while not self.page.evaluate("where => document.activeElement.matches(where)", where):
            self.page.keyboard.press("Tab")

    def settled(self):
        self.page.wait_for_timeout(300)
        self.page.wait_for_function("() => !document.querySelector('header .chip.warn')")
        return [(vote["item"], vote["answer"]) for vote in self.votes]
