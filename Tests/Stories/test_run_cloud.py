"""`coffer run --os-cloud`: a program that is signed in to a cloud in each of the ways there are, and to no other cloud."""

import re
import time

import pytest

from clouds import (
    ACCOUNT, AUTH_URL, KEY, PASSWORD, PROJECT, URI, add_cloud, add_project, is_fresh, openstack_variables, set_plain,
    set_secret, variables)
from conflicts import forge, with_second_value
from running import ENV, TOKEN, TOKEN_REFERENCE, api, got, refuse, written

STALE = {
    "OS_PASSWORD": "stale", "OS_TOKEN": "stale", "OS_CLOUD": "stale", "OS_TENANT_ID": "stale", "OS_PASSCODE": "stale",
    "OS_APPLICATION_CREDENTIAL_ID": "stale", "OS_USER_DOMAIN_ID": "stale", "OS_CLIENT_CONFIG_FILE": "stale",
    "OS_PROJECT_NAME": "stale", "OS_AUTH_TYPE": "stale", "OS_USERNAME": "stale", "OS_": "stale", "OS_EMPTY": ""}


def signed_in(coffer, title, *options, env=STALE):
    """The OS_* variables that a program gets, run by somebody whose shell has those of another cloud."""
    return openstack_variables(coffer.ok("run", "--os-cloud", title, *options, *ENV, env=env))


PASSWORD_VARIABLES = {
    "OS_AUTH_TYPE": "v3password", "OS_AUTH_URL": AUTH_URL, "OS_USERNAME": "anna@example.com",
    "OS_PASSWORD": PASSWORD.decode(), "OS_USER_DOMAIN_NAME": "users", "OS_IDENTITY_API_VERSION": "3"}


def test_a_password_signs_in_and_nothing_of_another_cloud_is_left(coffer):
    add_cloud(coffer, project_id="p-1", region="ru-moscow", otp=True)
    out = coffer.ok("run", "--os-cloud", ACCOUNT, *ENV, env={**STALE, "OSTYPE": "linux", "NOS_X": "x"})
    assert openstack_variables(out) == {
        **PASSWORD_VARIABLES, "OS_PROJECT_ID": "p-1", "OS_REGION_NAME": "ru-moscow"}
    assert b"stale" not in out
    assert variables(out)[b"OSTYPE"] == b"linux" and variables(out)[b"NOS_X"] == b"x"


def test_the_way_to_sign_in_may_be_named_in_each_of_its_ways(coffer):
    add_cloud(coffer)
    for name in ("password", "v3password", "V3Password"):
        set_plain(coffer, ACCOUNT, auth_type=name)
        assert signed_in(coffer, ACCOUNT) == PASSWORD_VARIABLES


def test_a_code_alone_signs_in_without_the_password(coffer):
    add_cloud(coffer, otp=True, auth_type="v3totp")
    since = time.time()
    environment = signed_in(coffer, ACCOUNT)
    assert is_fresh(environment.pop("OS_PASSCODE"), since)
    expected = {**PASSWORD_VARIABLES, "OS_AUTH_TYPE": "v3totp"}
    del expected["OS_PASSWORD"]
    assert environment == expected


def test_a_password_and_a_code_sign_in_together(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor", project_id="p-1")
    since = time.time()
    environment = signed_in(coffer, ACCOUNT)
    assert is_fresh(environment.pop("OS_PASSCODE"), since)
    assert environment == {
        **PASSWORD_VARIABLES, "OS_AUTH_TYPE": "v3multifactor", "OS_AUTH_METHODS": "v3password,v3totp",
        "OS_PROJECT_ID": "p-1"}


@pytest.mark.parametrize("auth_type", [None, "v3applicationcredential", "v3_application_credential"])
def test_an_application_credential_signs_in_by_itself(coffer, auth_type):
    """OpenStack refuses a credential beside a project, and beside a user it is none of the user's."""
    add_cloud(coffer, project_id="p-1", region="ru-moscow", application_credential_id="cred-1",
              **({"auth_type": auth_type} if auth_type else {}))
    set_secret(coffer, ACCOUNT, "application-credential-secret", TOKEN)
    assert signed_in(coffer, ACCOUNT) == {
        "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": AUTH_URL, "OS_REGION_NAME": "ru-moscow",
        "OS_APPLICATION_CREDENTIAL_ID": "cred-1", "OS_APPLICATION_CREDENTIAL_SECRET": TOKEN.decode(),
        "OS_IDENTITY_API_VERSION": "3"}


def test_a_credential_that_is_named_needs_its_user(coffer):
    add_cloud(coffer, project_id="p-1", application_credential_name="ci")
    set_secret(coffer, ACCOUNT, "application-credential-secret", TOKEN)
    assert signed_in(coffer, ACCOUNT) == {
        "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": AUTH_URL, "OS_USERNAME": "anna@example.com",
        "OS_USER_DOMAIN_NAME": "users", "OS_APPLICATION_CREDENTIAL_NAME": "ci",
        "OS_APPLICATION_CREDENTIAL_SECRET": TOKEN.decode(), "OS_IDENTITY_API_VERSION": "3"}


def test_settings_of_any_name_go_with_the_others(coffer):
    add_cloud(coffer, project_name="My project", project_domain="Default", interface="public",
              identity_api_version="3.14", openstack_cacert="/etc/ca.pem", openstack_volume_api_version="3", pin="no")
    coffer.ok("set", ACCOUNT, "notes", "-", stdin=b"no setting")
    assert signed_in(coffer, ACCOUNT) == {
        **PASSWORD_VARIABLES, "OS_PROJECT_NAME": "My project", "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_INTERFACE": "public", "OS_IDENTITY_API_VERSION": "3.14", "OS_CACERT": "/etc/ca.pem",
        "OS_VOLUME_API_VERSION": "3"}


def test_the_domain_of_users_is_the_usual_one_unless_the_entry_has_one(coffer):
    coffer.add("bare", "--username", "anna", password=PASSWORD)
    set_plain(coffer, "bare", auth_url=AUTH_URL)
    assert signed_in(coffer, "bare")["OS_USER_DOMAIN_NAME"] == "users"
    set_plain(coffer, "bare", user_domain="ours")
    assert signed_in(coffer, "bare")["OS_USER_DOMAIN_NAME"] == "ours"
    coffer.ok("set", "bare", "user-domain", "--remove")
    set_plain(coffer, "bare", user_domain_id="d-1")
    environment = signed_in(coffer, "bare")
    assert environment["OS_USER_DOMAIN_ID"] == "d-1" and "OS_USER_DOMAIN_NAME" not in environment


def test_projects_share_the_account_of_another_entry(coffer):
    add_cloud(coffer, otp=True, project_id="of the account", region="of the account", user_domain="ours")
    add_project(coffer, project_id="p-1", region="ru-moscow")
    add_project(coffer, "work/second", project_id="p-2", auth_url="https://other.example/v3")
    shared = {**PASSWORD_VARIABLES, "OS_USER_DOMAIN_NAME": "ours"}
    assert signed_in(coffer, PROJECT) == {**shared, "OS_PROJECT_ID": "p-1", "OS_REGION_NAME": "ru-moscow"}
    # What is about the project is the project's alone.
    assert signed_in(coffer, "work/second") == {
        **shared, "OS_PROJECT_ID": "p-2", "OS_AUTH_URL": "https://other.example/v3"}
    # One change of the password is one for all of them.
    set_secret(coffer, ACCOUNT, "password", b"changed")
    assert [signed_in(coffer, title)["OS_PASSWORD"] for title in (PROJECT, "work/second")] == ["changed"] * 2


def test_the_account_s_code_signs_in_to_the_project(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor")
    add_project(coffer, project_id="p-1")
    since = time.time()
    environment = signed_in(coffer, PROJECT)
    assert is_fresh(environment["OS_PASSCODE"], since)
    assert (environment["OS_AUTH_TYPE"], environment["OS_PASSWORD"]) == ("v3multifactor", PASSWORD.decode())


def test_the_account_is_found_when_it_has_another_title(coffer):
    add_cloud(coffer)
    add_project(coffer, project_id="p-1")
    coffer.ok("mv", ACCOUNT, "elsewhere")
    assert signed_in(coffer, PROJECT)["OS_PASSWORD"] == PASSWORD.decode()


def test_an_account_that_is_gone_runs_nothing_and_says_whose_it_was(coffer):
    add_cloud(coffer)
    add_project(coffer, project_id="p-1")
    coffer.ok("rm", ACCOUNT)
    error = refuse(coffer, "--os-cloud", PROJECT)
    assert PROJECT in error and "coffer ls --trash" in error


@pytest.mark.parametrize("missing, change", [
    ("auth-url", lambda c: c.ok("set", ACCOUNT, "auth-url", "--remove")),
    ("password", lambda c: c.ok("set", ACCOUNT, "password", "--remove")),
    ("username", lambda c: c.ok("set", ACCOUNT, "username", "--remove")),
    ("one-time password", lambda c: set_plain(c, ACCOUNT, auth_type="v3totp")),
    ("one-time password", lambda c: set_plain(c, ACCOUNT, auth_type="v3multifactor")),
    ("application-credential-secret", lambda c: set_plain(c, ACCOUNT, auth_type="v3applicationcredential"))])
def test_what_is_missing_to_sign_in_is_named_and_nothing_is_run(coffer, missing, change):
    add_cloud(coffer)
    change(coffer)
    assert missing in refuse(coffer, "--os-cloud", ACCOUNT, inner=2)


@pytest.mark.parametrize("field, name", [
    (forge.PASSWORD, "password"), (forge.USERNAME, "username"), (forge.OTP, "otp")])
def test_a_conflict_of_the_account_runs_nothing_unless_the_newest_is_picked(coffer, field, name):
    add_cloud(coffer, otp=True, auth_type="v3multifactor")
    add_project(coffer, project_id="p-1")
    newest = URI.replace(KEY.encode(), b"GEZDGNBVGY3TQOJQ").decode() if name == "otp" else "of the laptop"
    with_second_value(coffer, field, newest, title=ACCOUNT)
    for title in (ACCOUNT, PROJECT):
        assert f"resolve {ACCOUNT} {name}" in refuse(coffer, "--os-cloud", title, inner=8)
    since = time.time()
    environment = signed_in(coffer, PROJECT, "--pick", "newest")
    if name == "otp":
        assert not is_fresh(environment["OS_PASSCODE"], since)
    else:
        assert newest in environment.values()


def test_a_cloud_goes_over_what_else_sets_its_variables(coffer):
    add_cloud(coffer)
    file = written(coffer, b"OS_PASSWORD=stale\nOS_CACERT=/etc/ca.pem\nTF_LOG=1\n")
    environment = variables(coffer.ok("run", "--env-file", file, "--os-cloud", ACCOUNT, *ENV, env=STALE))
    assert environment[b"OS_PASSWORD"] == PASSWORD and environment[b"TF_LOG"] == b"1"
    # What was set on purpose beside it stays.
    assert environment[b"OS_CACERT"] == b"/etc/ca.pem"


def test_without_a_cloud_the_caller_s_variables_stay(api):
    environment = got(api, "--env", f"TOKEN={TOKEN_REFERENCE}", env={"OS_CLOUD": "mine"})
    assert environment[b"OS_CLOUD"] == b"mine"


def test_verbose_names_variables_and_never_a_value(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor", project_id="p-1")
    result = coffer.run("run", "--verbose", "--os-cloud", ACCOUNT, *ENV, env=STALE)
    assert result.status == 0, result
    said = result.err.decode()
    environment = openstack_variables(result.out)
    [names] = re.findall(r"^coffer: set (.*)$", said, re.MULTILINE)
    assert names.split(", ") == sorted(environment)
    [names] = re.findall(r"^coffer: took away (.*)$", said, re.MULTILINE)
    assert names.split(", ") == sorted(set(STALE) - set(environment))
    for value in {*environment.values(), "stale", KEY} - {"3"}:
        assert value not in said.replace(ACCOUNT, "")
    assert b"coffer: set" not in coffer.run("run", "--os-cloud", ACCOUNT, "--", "true").err


def test_a_code_that_ends_soon_is_waited_out(coffer):
    """A slow story: it waits for the end of a period."""
    add_cloud(coffer, otp=True, auth_type="v3totp")
    while not 22 <= time.time() % 30 < 26:
        time.sleep(0.1)
    since = time.time()
    environment = signed_in(coffer, ACCOUNT)
    assert int(time.time()) // 30 == int(since) // 30 + 1
    assert is_fresh(environment["OS_PASSCODE"], since)
