import pytest

from labelwright.server.app import LOCAL_NAMES
from labelwright.server.guard import MAX_BODY
from serving import client_of, open_office, person


def test_every_answer_has_the_headers_that_keep_browsers_safe(client):
    for path in ("/", "/api/v1/session", "/api/v1/nothing", "/some/page"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"].split("style-src")[0]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
    assert client.get("/api/v1/session").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Labelwright": ""} | {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_request_that_another_site_makes_a_browser_send_is_refused(office, headers):
    client = client_of(office)
    if headers == {"X-Labelwright": ""}:
        del client.headers["X-Labelwright"]
        headers = {}
    answer = client.post("/api/v1/session", json={"name": "a", "password": "b"}, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


def test_our_own_page_may_ask(client):
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.delete("/api/v1/session", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", ""]
)
def test_where_nobody_signs_in_the_server_answers_to_its_own_names_only(
    project_folder, tmp_path, host
):
    office = open_office(project_folder, sign_in=False, database=f"sqlite:///{tmp_path}/d.sqlite")
    client = client_of(office, hosts=LOCAL_NAMES)
    assert client.get("/api/v1/project", headers={"Host": host}).status_code == 403
    for name in ("localhost:8080", "127.0.0.1", "[::1]:8080"):
        assert client.get("/api/v1/project", headers={"Host": name}).status_code == 200
    office.close()


def test_a_body_that_is_too_large_is_refused(client, office):
    headers = person(office, "ann")
    big = b"x" * (MAX_BODY + 1)
    assert client.post("/api/v1/votes", content=big, headers=headers).status_code == 413
    pieces = (b"x" * 100_000 for _ in range(11))
    assert client.post("/api/v1/votes", content=pieces, headers=headers).status_code == 413
    pieces = (b"x" * 100_000 for _ in range(11))
    headers = person(office, "rob", "reviewer")
    assert client.post("/api/v1/items/browse", content=pieces, headers=headers).status_code in (
        400,
        413,
    )


def test_text_of_items_comes_as_json_and_never_as_a_page(client, office):
    headers = person(office, "ann", "reviewer")
    answer = client.get("/api/v1/items/0", headers=headers)
    assert "<b>bold</b>" in answer.json()["content"]["fields"]["text"]
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/../../app.py",
        "/assets/%2e%2e/%2e%2e/app.py",
        "//etc/passwd",
        "/%00.js",
        "/static/../../labelwright.toml",
    ],
)
def test_no_path_leads_out_of_the_app_s_folder(client, path, monkeypatch, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "index.html").write_text("the app")
    (tmp_path / "app.py").write_text("secret")
    monkeypatch.setattr("labelwright.server.static.FOLDER", tmp_path / "static")
    answer = client.get(path)
    assert "secret" not in answer.text
    assert "root:" not in answer.text
    assert answer.status_code in (200, 400, 404)


def test_the_app_is_served_with_its_packed_files(client, monkeypatch, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("the app")
    (tmp_path / "assets" / "a.js").write_text("plain")
    (tmp_path / "assets" / "a.js.gz").write_bytes(b"\x1f\x8b")
    monkeypatch.setattr("labelwright.server.static.FOLDER", tmp_path)
    assert client.get("/label").text == "the app"
    assert client.get("/label").headers["cache-control"] == "no-cache"
    plain = client.get("/assets/a.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == "plain"
    assert "immutable" in plain.headers["cache-control"]
    assert "javascript" in plain.headers["content-type"]
    with client.stream("GET", "/assets/a.js", headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
    assert client.get("/assets/none.js").status_code == 404
    assert client.get("/api/v1/none").status_code == 404


def test_without_the_app_a_page_says_how_to_build_it(client, monkeypatch, tmp_path):
    monkeypatch.setattr("labelwright.server.static.FOLDER", tmp_path)
    assert "make web" in client.get("/").text


def test_what_nobody_foresaw_is_logged_and_not_told(client, office, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("inner secret")

    headers = person(office, "ann", "owner")
    monkeypatch.setattr(office.accounts, "all", broken)
    answer = client.get("/api/v1/people", headers=headers)
    assert answer.status_code == 500
    assert "inner secret" not in answer.text
    monkeypatch.setattr(office, "contents", broken)
    answer = client.post("/api/v1/queue/next", json={}, headers=headers)
    assert answer.status_code == 500
    assert "inner secret" not in answer.text
    assert "inner secret" in caplog.text
