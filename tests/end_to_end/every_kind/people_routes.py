"""How the routes of signing in and of people are called, and what must come out."""

from end_to_end.every_kind.project import Table

PEOPLE_ROUTES = Table()
line = PEOPLE_ROUTES.line
PASSWORD = "correct horse battery"


@line("readSession", reads=True)
def _(c):
    assert c.get("/session")["person"]["name"] == "Olga"


def invited(c):
    return c.post("/people", {"name": "Ann"}, 201)["path"].rpartition("/")[2]


@line("lookAtInvitation")
def _(c):
    assert c.post("/invitations/look", {"token": invited(c)})["name"] == "Ann"


@line("acceptInvitation")
def _(c):
    given = {"token": invited(c), "password": PASSWORD}
    assert c.post("/invitations/accept", given)["person"]["name"] == "Ann"


@line("signIn")
def _(c):
    c.post("/invitations/accept", {"token": invited(c), "password": PASSWORD})
    assert c.post("/session", {"name": "Ann", "password": PASSWORD})["person"]["name"] == "Ann"


@line("signOut")
def _(c):
    assert c.asked("DELETE", "/session")["project"]


@line("listPeople", reads=True)
def _(c):
    assert "Olga" in [one["name"] for one in c.get("/people")["people"]]


@line("invitePerson")
def _(c):
    assert c.post("/people", {"name": "Ben"}, 201)["person"]["role"] == "labeller"


def ann(c):
    return c.post("/people", {"name": "Ann"}, 201)["person"]["id"]


@line("changePerson")
def _(c):
    assert c.asked("PATCH", f"/people/{ann(c)}", {"role": "reviewer"})["role"] == "reviewer"


@line("inviteAgain")
def _(c):
    assert c.post(f"/people/{ann(c)}/invitation", None, 201)["path"]


@line("listTokens")
def _(c):
    assert c.get(f"/people/{ann(c)}/tokens")["tokens"] == []


@line("makeToken")
def _(c):
    assert c.post(f"/people/{ann(c)}/tokens", {}, 201)["secret"]


@line("removeToken")
def _(c):
    one = ann(c)
    token = c.post(f"/people/{one}/tokens", {}, 201)["token"]["id"]
    c.asked("DELETE", f"/people/{one}/tokens/{token}")
    assert c.get(f"/people/{one}/tokens")["tokens"] == []
