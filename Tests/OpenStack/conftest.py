"""What the stories of OpenStack need: a Keystone for all of them, and for each a vault and the openstack client."""

import importlib.util
import pathlib

import pytest

from client import Client
from keystone import Keystone

TREE = pathlib.Path(__file__).resolve().parents[2]
# scripts/test-openstack makes it.
PROGRAMS = TREE / ".build-openstack/bin"

# The conftest of the other stories has the name of this one: it is loaded under another.
place = importlib.util.spec_from_file_location("stories_conftest", TREE / "Tests/Stories/conftest.py")
stories = importlib.util.module_from_spec(place)
place.loader.exec_module(stories)
home, coffer, end_agents = stories.home, stories.coffer, stories.end_agents


@pytest.fixture(scope="session")
def keystone(tmp_path_factory):
    with Keystone(PROGRAMS, tmp_path_factory.mktemp("keystone")) as keystone:
        yield keystone


@pytest.fixture
def client(coffer, keystone):
    return Client(PROGRAMS, coffer, keystone)
