"""coffer openstack import: openrc files and clouds.yaml become entries, and nothing of them is ever run."""

import os
import time

import pytest

from terminal import answer, asked, end, shown

VK_OPENRC = """#!/usr/bin/env bash
# VK Cloud
export OS_AUTH_URL="https://infra.mail.ru:35357/v3/"
export OS_PROJECT_ID="b5b7ffd4ef0547e5b222f44555dfa50a"
export OS_REGION_NAME="RegionOne"
if [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi
export OS_INTERFACE=public
export OS_IDENTITY_API_VERSION=3
if [ -z "$OS_USERNAME" ] || [ -z "$OS_PASSWORD" ]; then
    export OS_USERNAME="me@example.com"
    export OS_USER_DOMAIN_NAME="users"
    echo "Please enter your OpenStack Password: "
    read -sr OS_PASSWORD_INPUT
    export OS_PASSWORD=$OS_PASSWORD_INPUT
fi
"""

CLOUDS = """clouds:
  prod: &prod
    auth:
      auth_url: https://infra.mail.ru:35357/v3/
      username: me@example.com
      project_id: "0123"
      user_domain_name: users
    region_name: RegionOne
    identity_api_version: 3
  test:
    <<: *prod
    region_name: RegionTwo
"""
SECURE = "clouds:\n  prod:\n    auth:\n      password: 'a secret: of prod'\n"


@pytest.fixture
def openrc(tmp_path):
    file = tmp_path / "myproject-openrc.sh"
    file.write_text(VK_OPENRC)
    return file


def fields(coffer, title):
    entry = coffer.run("show", title, "--json", "--reveal").json()
    return entry["template"], entry["username"], entry["fields"], entry.get("secrets", {}).get("fields", {})


def test_a_file_of_vk_cloud_becomes_an_entry(coffer, openrc):
    result = coffer.run("openstack", "import", openrc)
    assert result.status == 0 and b"coffer set myproject password" in result.err
    template, username, plain, _ = fields(coffer, "myproject")
    assert (template, username) == ("vk-cloud", "me@example.com")
    assert plain == {
        "auth-url": "https://infra.mail.ru:35357/v3/", "project-id": "b5b7ffd4ef0547e5b222f44555dfa50a",
        "region": "RegionOne", "interface": "public", "identity-api-version": "3", "user-domain": "users"}


def test_the_password_is_asked_as_the_file_would(coffer, openrc):
    child = asked(coffer, "openstack", "import", openrc)
    answer(child, "Password of me@example.com", "a word of mine")
    assert end(child) == 0
    assert coffer.ok("get", "myproject") == b"a word of mine\n"
    assert b"a word of mine" not in shown(child)


def test_projects_share_an_account(coffer, openrc):
    coffer.add("vk", "--username", "me@example.com", password=b"the one password")
    for title in ("one", "two"):
        coffer.ok("openstack", "import", openrc, "--account", "vk", "--title", title)
        assert fields(coffer, title)[3] == {} and fields(coffer, title)[1] is None
        out = coffer.ok("run", "--os-cloud", title, "--", "sh", "-c", "echo $OS_USERNAME/$OS_PASSWORD/$OS_USER_DOMAIN_NAME")
        assert out == b"me@example.com/the one password/users\n"
    # Changed in one place, changed for both.
    coffer.ok("set", "vk", "password", "-", stdin=b"another")
    coffer.ok("mv", "vk", "work/vk")
    assert coffer.ok("run", "--os-cloud", "two", "--", "sh", "-c", "echo $OS_PASSWORD") == b"another\n"
    coffer.ok("rm", "work/vk")
    gone = coffer.run("run", "--os-cloud", "two", "--", "true")
    assert gone.status == 125 and b"account" in gone.err


def test_the_account_of_somebody_else_is_refused(coffer, openrc):
    coffer.add("vk", "--username", "you@example.com")
    refused = coffer.run("openstack", "import", openrc, "--account", "vk")
    assert refused.status == 9 and b"you@example.com" in refused.err


def test_into_an_entry_that_is_there(coffer, openrc):
    coffer.add("vk", "--username", "me@example.com", password=b"kept")
    coffer.ok("openstack", "import", openrc, "--into", "vk")
    assert fields(coffer, "vk")[2]["project-id"] == "b5b7ffd4ef0547e5b222f44555dfa50a"
    assert coffer.ok("get", "vk") == b"kept\n"
    again = coffer.run("openstack", "import", openrc, "--into", "vk")
    assert again.status == 0 and b"Nothing to change" in again.err
    assert coffer.run("openstack", "import", openrc, "--into", "nobody").status == 2


def test_a_title_that_exists_is_refused(coffer, openrc):
    coffer.ok("openstack", "import", openrc)
    assert coffer.run("openstack", "import", openrc).status == 9
    coffer.ok("openstack", "import", openrc, "--title", "other")


def test_a_dry_run_changes_nothing(coffer, openrc):
    before = coffer.vault.read_bytes()
    result = coffer.run("openstack", "import", openrc, "--dry-run")
    assert result.status == 0 and b"Would add myproject" in result.err
    assert coffer.vault.read_bytes() == before


def test_every_cloud_of_a_clouds_yaml(coffer, tmp_path):
    (tmp_path / "clouds.yaml").write_text(CLOUDS)
    (tmp_path / "secure.yaml").write_text(SECURE)
    coffer.ok("openstack", "import", tmp_path / "clouds.yaml")
    assert fields(coffer, "prod")[2]["region"] == "RegionOne"
    assert fields(coffer, "test")[2]["region"] == "RegionTwo"
    assert fields(coffer, "test")[2]["project-id"] == "0123"
    assert coffer.ok("get", "prod") == b"a secret: of prod\n"
    assert coffer.run("get", "test").status == 2


def test_one_cloud_of_several(coffer, tmp_path):
    (tmp_path / "clouds.yaml").write_text(CLOUDS)
    refused = coffer.run("openstack", "import", tmp_path / "clouds.yaml", "--title", "mine")
    assert refused.status == 64 and b"prod, test" in refused.err
    coffer.ok("openstack", "import", tmp_path / "clouds.yaml", "--cloud", "test", "--title", "mine")
    assert fields(coffer, "mine")[2]["region"] == "RegionTwo"
    assert coffer.run("openstack", "import", tmp_path / "clouds.yaml", "--cloud", "nothing").status == 2


def test_an_application_credential_is_a_secret(coffer, tmp_path):
    file = tmp_path / "app-cred-ci-openrc.sh"
    file.write_text(
        "export OS_AUTH_TYPE=v3applicationcredential\nexport OS_AUTH_URL=https://a/v3\n"
        "export OS_APPLICATION_CREDENTIAL_ID=id1\nexport OS_APPLICATION_CREDENTIAL_SECRET=hidden1\n")
    result = coffer.run("openstack", "import", file)
    assert result.status == 0 and b"hidden1" not in result.err + result.out
    assert "application-credential-secret" in fields(coffer, "app-cred-ci")[3]
    out = coffer.ok("run", "--os-cloud", "app-cred-ci", "--", "env").decode()
    assert "OS_APPLICATION_CREDENTIAL_SECRET=hidden1" in out and "OS_USER" not in out and "OS_PROJECT" not in out


BAD_OPENRC = {
    "command": ("export OS_AUTH_URL=a\nexport OS_PASSWORD=$(touch {marker})\n", 2),
    "backticks": ("export OS_PASSWORD=`touch {marker}`\n", 1),
    "in quotes": ('export OS_AUTH_URL=a\n\nexport A="x $(touch {marker}) y"\n', 3),
    "process": ("cat <(touch {marker})\nexport OS_AUTH_URL=a\n", 1),
    "open quote": ('export OS_AUTH_URL="a\nexport B=c\n', 1),
    "open single quote": ("export OS_AUTH_URL=a\nexport B='c\n", 2),
    "nul": ("export OS_AUTH_URL=a\nexport B=c\0d\n", 2),
    "escape": ("export OS_AUTH_URL=a\n# \x1b[2J\n", 2),
    "here document": ("cat <<END\nexport OS_AUTH_URL=a\nEND\n", 1),
    "function": ("f() {{ touch {marker}; }}\nexport OS_AUTH_URL=a\n", 1),
    "other file": ("export OS_AUTH_URL=a\nsource /etc/profile\n", 2),
    "eval": ("eval touch {marker}\n", 1),
}


@pytest.mark.parametrize("name", BAD_OPENRC)
def test_a_hostile_openrc_is_refused_with_its_line_and_never_run(coffer, tmp_path, name):
    text, line = BAD_OPENRC[name]
    marker, file = tmp_path / "marker", tmp_path / "bad-openrc.sh"
    file.write_text(text.format(marker=marker))
    before = coffer.vault.read_bytes()
    refused = coffer.run("openstack", "import", file)
    assert refused.status == 7 and f"line {line}:".encode() in refused.err, refused
    assert not marker.exists() and coffer.vault.read_bytes() == before


BAD_YAML = {
    "not yaml": "clouds: [a: {", "no clouds": "cloud: {}\n", "a list": "- a\n", "two documents": CLOUDS + "---\n" + CLOUDS,
    "a bomb": "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)) + "clouds: *a11\n",
    "deep": "clouds: " + "[" * 100_000, "duplicate": "clouds:\n  a: {}\n  a: {}\n", "nul": "clouds:\n  a: \"x\0y\"\n",
    "a tag": "clouds:\n  a:\n    auth: {password: !vault x}\n", "merge with itself": "clouds:\n  a: &a\n    <<: *a\n",
    "invalid utf-8": b"clouds:\n  a: {auth: {username: '\xff'}}\n",
}


@pytest.mark.parametrize("name", BAD_YAML)
def test_a_hostile_clouds_yaml_is_refused_in_bounded_time(coffer, tmp_path, name):
    file = tmp_path / "clouds.yaml"
    text = BAD_YAML[name]
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = coffer.vault.read_bytes()
    start = time.monotonic()
    refused = coffer.run("openstack", "import", file)
    assert refused.status == 7 and b"line" in refused.err, refused
    assert time.monotonic() - start < 20
    assert coffer.vault.read_bytes() == before


@pytest.mark.parametrize("name", ["zeros-openrc.sh", "clouds.yaml"])
def test_two_gibibytes_of_zeros_are_refused_at_once(coffer, tmp_path, name):
    file = tmp_path / name
    with file.open("wb") as zeros:
        zeros.truncate(2 << 30)
    refused = coffer.run("openstack", "import", file)
    assert refused.status == 7 and b"larger" in refused.err


def test_what_is_no_file_is_refused(coffer, tmp_path):
    assert coffer.run("openstack", "import", tmp_path / "nothing.sh").status == 2
    os.mkfifo(tmp_path / "fifo")
    assert coffer.run("openstack", "import", tmp_path / "fifo").status == 64
    (tmp_path / "empty.sh").write_text("")
    assert coffer.run("openstack", "import", tmp_path / "empty.sh").status == 2


def test_standard_input_is_an_openrc_file(coffer):
    coffer.ok("openstack", "import", "-", "--title", "piped", stdin=VK_OPENRC.encode())
    assert fields(coffer, "piped")[1] == "me@example.com"


SMUGGLED = """clouds:
  up:
    auth: {auth_url: https://good/, username: me, password: p1}
    {NAME}: https://evil/
"""


@pytest.mark.parametrize("name", ["AUTH_URL", "Auth_Url", "USERNAME", "PASSWORD"])
def test_another_spelling_of_a_setting_is_refused(coffer, tmp_path, name):
    (tmp_path / "clouds.yaml").write_text(SMUGGLED.replace("{NAME}", name))
    refused = coffer.run("openstack", "import", tmp_path / "clouds.yaml")
    assert refused.status == 7 and b"line 4" in refused.err


@pytest.mark.parametrize("name", ["cloud", "client_config_file", "client_secure_file"])
def test_what_would_lead_to_another_cloud_is_not_kept(coffer, tmp_path, name):
    (tmp_path / "clouds.yaml").write_text(SMUGGLED.replace("{NAME}", name))
    coffer.ok("openstack", "import", tmp_path / "clouds.yaml")
    out = coffer.ok("run", "--os-cloud", "up", "--", "env").decode()
    assert "evil" not in out and "OS_AUTH_URL=https://good/" in out


def test_a_field_of_another_spelling_sets_no_variable(coffer, openrc):
    coffer.ok("openstack", "import", openrc, "--title", "up")
    coffer.ok("set", "up", "password", "-", stdin=b"p")
    for field in ("openstack-AUTH-URL", "openstack-auth-url", "openstack-cloud", "openstack-client-config-file"):
        coffer.ok("set", "up", field, "evil", "--plain")
    out = coffer.ok("run", "--os-cloud", "up", "--", "env").decode()
    assert "evil" not in out


def test_all_clouds_of_a_file_come_in_or_none(coffer, tmp_path):
    coffer.add("test", "--username", "me@example.com")
    (tmp_path / "clouds.yaml").write_text(CLOUDS)
    before = coffer.vault.read_bytes()
    assert coffer.run("openstack", "import", tmp_path / "clouds.yaml").status == 9
    assert coffer.vault.read_bytes() == before


def test_another_project_takes_the_place_of_the_one_before(coffer, openrc, tmp_path):
    coffer.ok("openstack", "import", openrc, "--title", "mine")
    other = tmp_path / "other.sh"
    other.write_text("export OS_AUTH_URL=https://b/v3\nexport OS_PROJECT_NAME=named\nexport OS_USERNAME=me@example.com\n")
    coffer.ok("openstack", "import", other, "--into", "mine")
    plain = fields(coffer, "mine")[2]
    assert plain["project-name"] == "named" and "project-id" not in plain


def test_a_project_that_shares_an_account_stays_with_it(coffer, openrc, tmp_path):
    coffer.add("vk", "--username", "me@example.com")
    coffer.ok("openstack", "import", openrc, "--account", "vk", "--title", "mine")
    coffer.ok("openstack", "import", openrc, "--into", "mine")
    assert fields(coffer, "mine")[1] is None
    other = tmp_path / "other.sh"
    other.write_text("export OS_AUTH_URL=https://b/v3\nexport OS_USERNAME=you@example.com\n")
    assert coffer.run("openstack", "import", other, "--into", "mine").status == 9
    assert coffer.run("openstack", "import", openrc, "--account", "mine", "--title", "more").status == 9


def test_a_field_account_of_one_s_own_is_shown_as_it_is(coffer, openrc):
    """A bank's number is no entry; where a command has named one, its title is shown."""
    coffer.add("bank")
    coffer.add("vk", "--username", "me@example.com")
    coffer.ok("set", "bank", "account", "vk", "--plain")
    assert b"account   vk" in coffer.ok("show", "bank")
    coffer.ok("set", "bank", "account", "12-34", "--plain")
    assert b"account   12-34\n" in coffer.ok("show", "bank")
    coffer.ok("openstack", "import", openrc, "--account", "vk", "--title", "mine")
    assert b" vk\n" in coffer.ok("show", "mine")
    coffer.ok("mv", "vk", "other")
    assert b" other\n" in coffer.ok("show", "mine")


def test_an_entry_is_not_its_own_account(coffer, openrc):
    coffer.add("vk", "--username", "me@example.com")
    assert coffer.run("openstack", "import", openrc, "--into", "vk", "--account", "vk").status == 9
