"""Whatever the description of the API allows, no request makes the server fail."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from serving import OWN, client_of, make_project, open_office, person

# These run for ever, begin what outlives the test, or take the tester's own rights away.
LEFT_OUT = {"streamEvents", "startRound", "changePerson", "signOut", "signIn", "removeToken"}
EXAMPLES = settings(
    # A few in every run; more on demand, for they take a while.
    max_examples=int(os.environ.get("LABELWRIGHT_EXAMPLES", "4")),
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_no_request_that_the_description_allows_makes_the_server_fail(tmp_path):
    folder = tmp_path / "project"
    make_project(folder)
    office = open_office(folder)
    client = client_of(office)
    headers = {**person(office, "Tess", "owner"), **OWN}
    schema = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())
    called = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        if name not in LEFT_OUT:
            called.add(name)
            _try(client, operation, headers)
    assert len(called) > 30
    office.close()


def _try(client, operation, headers):
    @EXAMPLES
    @given(case=operation.as_strategy())
    def answers_as_described(case):
        sent = case.as_transport_kwargs(base_url="http://testserver")
        sent["headers"] = {**(sent.get("headers") or {}), **headers}
        allowed = {"method", "url", "headers", "json", "params", "content", "data"}
        answer = client.request(**{k: v for k, v in sent.items() if k in allowed})
        assert answer.status_code < 500, (case, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        else:
            operation.validate_response(schemathesis.Response.from_httpx(answer, verify=False))

    answers_as_described()
