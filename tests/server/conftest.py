import pytest

from serving import client_of, make_project, open_office


@pytest.fixture(scope="session")
def project_folder(tmp_path_factory):
    """A labelled project that tests only read, or change at its desk."""
    folder = tmp_path_factory.mktemp("served") / "reviews"
    make_project(folder)
    return folder


@pytest.fixture
def office(project_folder, tmp_path):
    """The state of a server with a desk of its own, where everybody must sign in."""
    office = open_office(project_folder, database=f"sqlite:///{tmp_path}/desk.sqlite")
    yield office
    office.close()


@pytest.fixture
def client(office):
    """A client without a running app: nothing happens in the background."""
    return client_of(office)
