"""`coffer run --os-cloud` with the real openstack client, which signs in to a real Keystone in every way Coffer knows."""

import concurrent.futures
import json
import time

from keystone import DOMAIN, PROJECT, REGION, make_key

# What Keystone and the client say to one who is not let in.
REFUSED = b"HTTP 401"


def require_account(token, account, keystone):
    assert (token["user"]["id"], token["user"]["domain"]["name"]) == (account.id, DOMAIN)
    assert token["project"]["id"] == keystone.project


def require_refused(result):
    assert (result.status, result.out) == (1, b"") and REFUSED in result.err, result


# The four ways to sign in.

def test_a_password_signs_in(client, keystone):
    client.entry("vk", keystone.by_password, "v3password")
    token = client.sign_in("vk")
    require_account(token, keystone.by_password, keystone)
    assert token["methods"] == ["password"]


def test_a_code_alone_signs_in(client, keystone):
    client.entry("vk", keystone.by_code, "v3totp")
    token = client.sign_in("vk")
    require_account(token, keystone.by_code, keystone)
    assert token["methods"] == ["totp"]


def test_password_and_code_together_sign_in_where_one_is_not_enough(client, keystone):
    client.entry("vk", keystone.by_both, "v3password")
    alone = client.run("vk")
    assert alone.status == 1 and b"Not all required auth rules were satisfied" in alone.err, alone

    client.coffer.ok("set", "vk", "auth-type", "v3multifactor", "--plain")
    token = client.sign_in("vk")
    require_account(token, keystone.by_both, keystone)
    assert sorted(token["methods"]) == ["password", "totp"]


def test_an_application_credential_signs_in(client, keystone):
    # The entry names user and project too. The client would ask for the project, and Keystone then refuses: the
    # credential is for one project already.
    client.entry(
        "vk", keystone.by_password, "v3applicationcredential", application_credential_id=keystone.credential["id"])
    client.coffer.ok("set", "vk", "application-credential-secret", "-", stdin=keystone.credential["secret"].encode())
    token = client.sign_in("vk")
    require_account(token, keystone.by_password, keystone)
    assert token["methods"] == ["application_credential"]


# What the entry says of the cloud.

def test_a_project_is_found_by_its_name_and_domain(client, keystone):
    client.entry(
        "vk", keystone.by_password, "v3password", project_id=None, project_name=PROJECT, project_domain=DOMAIN)
    require_account(client.sign_in("vk"), keystone.by_password, keystone)


def test_the_client_works_in_the_region_of_the_entry(client, keystone):
    client.entry("vk", keystone.by_password, "v3password")
    command = ("openstack", "application", "credential", "list", "-f", "json")
    listed = client.run("vk", *command)
    assert [one["Name"] for one in json.loads(listed.out)] == ["nightly"]

    client.coffer.ok("set", "vk", "region", "Elsewhere", "--plain")
    elsewhere = client.run("vk", *command)
    assert elsewhere.status == 1 and b"Elsewhere region not found" in elsewhere.err, elsewhere


# Codes.

def test_a_wrong_code_is_refused_and_the_next_fresh_one_is_accepted(client, keystone):
    client.entry("vk", keystone.by_both, "v3multifactor")
    right = client.variables("vk")
    # Keystone takes the code of now and the one before.
    old = client.coffer.ok("otp", "vk", "--at", str(int(time.time()) - 600)).decode().strip()
    wrong = {**right, "OS_PASSCODE": old}
    refused = client.alone(wrong)
    assert refused.returncode == 1 and REFUSED in refused.stderr, refused

    # The old code is still in the caller's environment: the program gets a fresh one all the same.
    require_account(client.sign_in("vk", env=wrong), keystone.by_both, keystone)


def test_codes_of_a_wrong_key_are_refused_until_the_entry_has_the_right_one(client, keystone):
    client.entry("vk", keystone.by_code, "v3totp")
    client.give_key("vk", make_key(), "--yes")
    require_refused(client.run("vk"))

    client.give_key("vk", keystone.by_code.key, "--yes")
    require_account(client.sign_in("vk"), keystone.by_code, keystone)


# The caller's environment.

def test_the_user_domain_is_set_where_the_callers_environment_has_none(client, keystone):
    # So leaves VK Cloud's openrc a shell in which user and password were set before: it skips OS_USER_DOMAIN_NAME.
    openrc = {
        "OS_AUTH_URL": keystone.url, "OS_PROJECT_ID": keystone.project, "OS_REGION_NAME": REGION, "OS_INTERFACE": "public",
        "OS_IDENTITY_API_VERSION": "3", "OS_USERNAME": keystone.by_password.name,
        "OS_PASSWORD": keystone.by_password.password}
    refused = client.alone(openrc)
    assert refused.returncode == 1 and REFUSED in refused.stderr, refused

    # VK Cloud's domain is the one that an entry has when it names none.
    client.entry("vk", keystone.by_password, "v3password", user_domain=None)
    require_account(client.sign_in("vk", env=openrc), keystone.by_password, keystone)


# Each of these alone keeps the client from signing in with a password.
HARMFUL = {
    "OS_PASSCODE": "123456",
    "OS_TOKEN": "of another cloud",
    "OS_AUTH_TOKEN": "of another cloud",
    "OS_USER_ID": "0123456789abcdef0123456789abcdef",
    "OS_USER_DOMAIN_ID": "default",
    "OS_SYSTEM_SCOPE": "all",
    "OS_TRUST_ID": "0123456789abcdef0123456789abcdef",
    "OS_CLOUD": "another",
}
# These do no harm today, and belong to another sign-in.
FOREIGN = {
    "OS_DOMAIN_ID": "default", "OS_DOMAIN_NAME": "Default", "OS_TENANT_NAME": "another", "OS_PROJECT_DOMAIN_ID": "default",
    "OS_AUTH_METHODS": "v3totp", "OS_APPLICATION_CREDENTIAL_ID": "another", "OS_SOMETHING_NEW": "unheard of",
}


def test_a_left_over_variable_spoils_the_sign_in_without_coffer(client, keystone):
    client.entry("vk", keystone.by_password, "v3password")
    right = client.variables("vk")
    names = ["OS_PASSCODE", "OS_TOKEN", "OS_USER_DOMAIN_ID"]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = pool.map(lambda name: client.alone({**right, name: HARMFUL[name]}), names)
    assert [result.returncode for result in results] == [1, 1, 1]


def test_left_over_variables_are_cleared(client, keystone):
    client.entry("vk", keystone.by_password, "v3password")
    caller = {**HARMFUL, **FOREIGN, "OSTRICH": "no variable of OpenStack"}
    assert not {*client.variables("vk", env=caller)} & {*HARMFUL, *FOREIGN}
    assert client.run("vk", "printenv", "OSTRICH", env=caller).out == b"no variable of OpenStack\n"
    require_account(client.sign_in("vk", env=caller), keystone.by_password, keystone)


def test_a_sign_in_by_password_passes_no_code(client, keystone):
    # The client would refuse it as an argument it does not know.
    client.entry("vk", keystone.by_code, "v3password")
    assert "OS_PASSCODE" not in client.variables("vk")
    assert client.sign_in("vk")["methods"] == ["password"]


# How it ends.

def test_the_exit_status_is_the_programs(client, keystone):
    client.entry("vk", keystone.by_password, "v3password")
    client.coffer.ok("set", "vk", "password", "-", stdin=b"not the password\n")
    require_refused(client.run("vk"))
    assert client.run("vk", "sh", "-c", "exit 7").status == 7
