"""Whatever the description of the API allows or forbids, no request makes the server fail."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from serving import OWN, client_of, make_project, open_office, person

# These run for ever, begin what outlives the test, or take the tester's own rights away.
LEFT_OUT = ["streamEvents", "startRound", "changePerson", "signOut", "signIn", "removeToken"]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema") / "project"
    make_project(folder)
    office = open_office(folder)
    client = client_of(office)
    yield client, person(office, "Tess", "owner")
    office.close()


@pytest.fixture
def api(served):
    client, headers = served
    loaded = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json", client.app, headers={**headers, **OWN}
    )
    return loaded.exclude(operation_id=LEFT_OUT)


schema = schemathesis.pytest.from_fixture("api")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_makes_the_server_fail(case, served):
    answer = case.call(headers={**served[1], **OWN})
    assert answer.status_code not in (500, 502), answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0] == "application/problem+json"
    elif answer.status_code in (200, 201):
        case.validate_response(answer, checks=[schemathesis.checks.response_schema_conformance])
