"""Templates of what a cloud hands out once: projects, users for programs, keys of an object storage, keys of ssh."""

import base64
import os
import subprocess

import pytest

from clouds import ACCOUNT, AUTH_URL, PASSWORD, PROJECT, add_cloud, add_project, openstack_variables
from conftest import MASTER_PASSWORD
from terminal import answer, asked, end, shown

SECRET = b"Zq8-not-for-eyes"
MEBIBYTE = 1024 * 1024


def entry_of(coffer, title="new"):
    return coffer.run("show", title, "--json", "--reveal").json()


def answered(coffer, *arguments, answers, status=0):
    """Adds an entry as a person would; no secret is on the screen afterwards, what is none is."""
    child = asked(coffer, "add", *arguments)
    for question, text, is_secret in answers:
        answer(child, question, text)
    assert end(child) == status, shown(child)
    for _, text, is_secret in answers:
        assert not text or (text in shown(child)) != is_secret
    assert MASTER_PASSWORD not in shown(child)
    return shown(child)


def refuse(coffer, status, *arguments, **options):
    """Nothing is added, and nothing secret is said."""
    before = coffer.vault.read_bytes()
    result = coffer.run("add", *arguments, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {status}: ".encode() in result.err and SECRET not in result.err
    assert coffer.vault.read_bytes() == before
    return result.err.decode()


# --- vk-project


PROJECT_ANSWERS = [("Project id: ", b"p-1", False), ("Region: ", b"ru-moscow", False), ("Auth URL: ", b"", False)]


def test_a_project_shares_the_account_it_is_asked_for(coffer):
    add_cloud(coffer)
    screen = answered(coffer, "new", "--template", "vk-project", answers=[
        ("Entry of the account: ", ACCOUNT.encode(), False), *PROJECT_ANSWERS])
    assert b"Added new." in screen and PASSWORD not in screen
    entry = entry_of(coffer)
    account = coffer.ok("get", ACCOUNT, "id").decode().strip()
    assert (entry["template"], entry["username"], entry["secrets"]) == ("vk-project", None, {})
    assert entry["fields"] == {"account": f"id:{account}", "project-id": "p-1", "region": "ru-moscow"}
    environment = openstack_variables(coffer.ok("run", "--os-cloud", "new", "--", "env", "-0"))
    assert environment["OS_PROJECT_ID"] == "p-1" and environment["OS_PASSWORD"] == PASSWORD.decode()
    assert environment["OS_AUTH_URL"] == AUTH_URL


@pytest.mark.parametrize("account, status", [(b"work/vkk", 2), (b"", 64)])
def test_a_project_without_an_account_is_not_added(coffer, account, status):
    add_cloud(coffer)
    before = coffer.vault.read_bytes()
    answered(coffer, "new", "--template", "vk-project", answers=[("Entry of the account: ", account, False)],
             status=status)
    assert coffer.vault.read_bytes() == before


# --- vk-service-account


def test_a_user_for_programs_has_a_password(coffer):
    answered(coffer, "new", "--template", "vk-service-account", answers=[
        ("User name: ", b"robot", False), ("\nPassword: ", SECRET, True), ("Application credential id: ", b"", False),
        ("Project id: ", b"p-1", False), ("Region: ", b"", False), ("Auth URL: ", AUTH_URL.encode(), False),
        (r"User domain \[users\]: ", b"", False)])
    entry = entry_of(coffer)
    assert (entry["template"], entry["username"]) == ("vk-service-account", "robot")
    assert entry["secrets"] == {"password": SECRET.decode()}
    assert entry["fields"] == {"project-id": "p-1", "auth-url": AUTH_URL, "user-domain": "users"}
    environment = openstack_variables(coffer.ok("run", "--os-cloud", "new", "--", "env", "-0"))
    assert environment["OS_AUTH_TYPE"] == "v3password" and environment["OS_PASSWORD"] == SECRET.decode()


def test_a_user_for_programs_has_an_application_credential(coffer):
    answered(coffer, "new", "--template", "vk-service-account", answers=[
        ("User name: ", b"", False), ("\nPassword: ", b"", False), ("Application credential id: ", b"cred-1", False),
        ("Application credential secret: ", SECRET, True), ("Project id: ", b"", False),
        ("Region: ", b"ru-moscow", False), ("Auth URL: ", AUTH_URL.encode(), False)])
    entry = entry_of(coffer)
    assert (entry["username"], entry["has"]["password"]) == (None, False)
    assert entry["secrets"] == {"fields": {"application-credential-secret": SECRET.decode()}}
    assert entry["fields"] == {
        "application-credential-id": "cred-1", "region": "ru-moscow", "auth-url": AUTH_URL}
    assert openstack_variables(coffer.ok("run", "--os-cloud", "new", "--", "env", "-0")) == {
        "OS_AUTH_TYPE": "v3applicationcredential", "OS_AUTH_URL": AUTH_URL, "OS_REGION_NAME": "ru-moscow",
        "OS_APPLICATION_CREDENTIAL_ID": "cred-1", "OS_APPLICATION_CREDENTIAL_SECRET": SECRET.decode(),
        "OS_IDENTITY_API_VERSION": "3"}


# --- s3-keys


def test_keys_of_an_object_storage_have_their_place(coffer):
    answered(coffer, "new", "--template", "s3-keys", answers=[
        ("Access key id: ", b"AKIA1", False), ("Secret access key: ", SECRET, True),
        ("Endpoint: ", b"https://hb.example", False), ("Region: ", b"ru-msk", False)])
    entry = entry_of(coffer)
    assert (entry["template"], entry["has"]["password"]) == ("s3-keys", False)
    assert entry["fields"] == {"access-key-id": "AKIA1", "endpoint": "https://hb.example", "region": "ru-msk"}
    assert entry["secrets"] == {"fields": {"secret-access-key": SECRET.decode()}}
    assert coffer.ok("get", "new", "secret-access-key") == SECRET + b"\n"


@pytest.mark.parametrize("template, field", [
    ("vk-project", "project-id"), ("vk-service-account", "application-credential-id"), ("s3-keys", "access-key-id")])
def test_a_script_sets_the_fields_itself(coffer, template, field):
    """Without a terminal nothing is asked, and what is no password is no reason to refuse."""
    coffer.ok("add", "new", "--template", template)
    coffer.ok("set", "new", field, "x", "--plain")
    entry = entry_of(coffer)
    assert (entry["template"], entry["fields"]) == (template, {field: "x"})
    assert coffer.ok("ls", "--json") and coffer.ok("get", "new", "template") == template.encode() + b"\n"


def test_an_unknown_template_is_refused(coffer):
    assert "coffer add --help" in refuse(coffer, 64, "new", "--template", "vk-projekt")
    shown = coffer.ok("help", "templates", unlock=False).decode()
    assert all(name in shown for name in ("vk-project", "vk-service-account", "s3-keys", "ssh-key"))


# --- ssh-key


def openssh_key(comment=b"anna@laptop"):
    """A file as ssh-keygen writes it: an ed25519 key without a passphrase, and its public half."""
    def text(content):
        return len(content).to_bytes(4, "big") + content

    public, private = os.urandom(32), os.urandom(32)
    wire = text(b"ssh-ed25519") + text(public)
    check = os.urandom(4) * 2
    inner = check + wire + text(private + public) + text(comment)
    inner += bytes(range(1, 9))[:-len(inner) % 8]
    body = b"openssh-key-v1\0" + text(b"none") * 2 + text(b"") + (1).to_bytes(4, "big") + text(wire) + text(inner)
    lines = base64.encodebytes(body).replace(b"\n", b"")
    lines = b"\n".join(lines[start:start + 70] for start in range(0, len(lines), 70))
    key = b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + lines + b"\n-----END OPENSSH PRIVATE KEY-----\n"
    return key, b"ssh-ed25519 " + base64.b64encode(wire) + b" " + comment + b"\n"


def written(coffer, content, name="id_ed25519"):
    (coffer.home / name).write_bytes(content)
    (coffer.home / name).chmod(0o600)
    return name


def test_a_key_is_kept_with_its_public_half(coffer):
    key, public = openssh_key()
    file = written(coffer, key)
    written(coffer, public, file + ".pub")
    result = coffer.run("add", "new", "--template", "ssh-key", "--username", "anna", "--private-key", file)
    assert (result.status, result.out) == (0, b"") and b"Added new." in result.err, result
    assert key.split(b"\n")[1] not in result.err
    entry = entry_of(coffer)
    assert (entry["template"], entry["username"], entry["has"]["password"]) == ("ssh-key", "anna", False)
    assert entry["fields"] == {"public-key": public.decode().strip()}
    assert entry["secrets"] == {"fields": {"private-key": key.decode().removesuffix("\n")}}
    assert coffer.ok("get", "new", "private-key") == key and coffer.ok("get", "new", "public-key") == public
    # It is a secret like any other.
    assert key.split(b"\n")[1] not in coffer.ok("show", "new")
    assert (coffer.home / file).read_bytes() == key


def test_a_key_may_come_through_standard_input_with_its_passphrase(coffer):
    key, _ = openssh_key()
    coffer.ok("add", "new", "--template", "ssh-key", "--private-key", "-", stdin=key, fds={"--value-fd": SECRET})
    assert coffer.ok("get", "new", "private-key") == key and coffer.ok("get", "new") == SECRET + b"\n"
    assert entry_of(coffer)["fields"] == {}


def test_a_key_is_asked_for(coffer):
    key, public = openssh_key()
    file = written(coffer, key)
    written(coffer, public, file + ".pub")
    screen = answered(coffer, "new", "--template", "ssh-key", answers=[
        ("User name on the server: ", b"anna", False), (r"Passphrase of the key \(Enter: none\): ", SECRET, True),
        ("File with the private key: ", file.encode(), False)])
    assert key.split(b"\n")[1] not in screen
    entry = entry_of(coffer)
    assert (entry["username"], entry["secrets"]["password"]) == ("anna", SECRET.decode())
    assert coffer.ok("get", "new", "private-key") == key and coffer.ok("get", "new", "public-key") == public


def test_a_key_that_an_option_names_is_not_asked_for(coffer):
    key, _ = openssh_key()
    screen = answered(coffer, "new", "--template", "ssh-key", "--private-key", written(coffer, key), answers=[
        ("User name on the server: ", b"", False), (r"Passphrase of the key \(Enter: none\): ", b"", False)])
    assert b"File with" not in screen
    assert coffer.ok("get", "new", "private-key") == key and not entry_of(coffer)["has"]["password"]


@pytest.mark.parametrize("path, status", [(b"no-such-file", 2), (b"", 64)])
def test_an_answer_that_names_no_key_adds_nothing(coffer, path, status):
    before = coffer.vault.read_bytes()
    answered(coffer, "new", "--template", "ssh-key", status=status, answers=[
        ("User name on the server: ", b"", False), (r"Passphrase of the key \(Enter: none\): ", SECRET, True),
        ("File with the private key: ", path, False)])
    assert coffer.vault.read_bytes() == before


@pytest.mark.skipif(subprocess.run(["which", "ssh-keygen"], capture_output=True).returncode != 0,
                    reason="there is no ssh-keygen")
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_key_of_ssh_keygen_is_one_again(coffer, kind):
    file = coffer.home / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file], check=True)
    coffer.ok("add", "new", "--template", "ssh-key", "--private-key", file)
    assert coffer.ok("get", "new", "private-key") == file.read_bytes()
    assert coffer.ok("get", "new", "public-key") == file.with_name("key.pub").read_bytes()


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_key_may_have_a_mebibyte_and_no_more(coffer, end):
    key = b"x" * (MEBIBYTE - len(end)) + end
    for title, words, stdin in [("file", written(coffer, key), b""), ("input", "-", key)]:
        coffer.ok("add", title, "--template", "ssh-key", "--private-key", words, stdin=stdin)
        assert coffer.ok("get", title, "private-key") == key.removesuffix(b"\n") + b"\n"
    refuse(coffer, 7, "more", "--template", "ssh-key", "--private-key", written(coffer, b"x" + key))
    # Of input that has no end yet, nothing is known but that it is too long.
    refuse(coffer, 64, "more", "--template", "ssh-key", "--private-key", "-", stdin=b"x" + key)
    assert coffer.run("verify", "--deep").status == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe" + SECRET, SECRET + b"\0"])
def test_a_file_that_can_be_no_key_is_refused(coffer, content):
    refuse(coffer, 64, "new", "--template", "ssh-key", "--private-key", written(coffer, content))
    refuse(coffer, 64, "new", "--template", "ssh-key", "--private-key", "-", stdin=content)


def test_a_key_that_is_missing_or_goes_nowhere_is_refused(coffer):
    key, _ = openssh_key()
    file = written(coffer, key)
    assert "--private-key" in refuse(coffer, 64, "new", "--template", "ssh-key")
    assert "--template ssh-key" in refuse(coffer, 64, "new", "--private-key", file)
    refuse(coffer, 2, "new", "--template", "ssh-key", "--private-key", "none")
    refuse(coffer, 64, "new", "--template", "ssh-key", "--private-key", "-", "--password-stdin", stdin=key)


def test_a_public_half_that_is_none_is_left_out_and_no_reason_to_fail(coffer):
    key, _ = openssh_key()
    file = written(coffer, key)
    (coffer.home / (file + ".pub")).mkdir()
    coffer.ok("add", "new", "--template", "ssh-key", "--private-key", file)
    assert coffer.ok("get", "new", "private-key") == key and entry_of(coffer)["fields"] == {}


def test_what_a_project_does_not_have_is_told_to_be_in_its_account(coffer):
    add_cloud(coffer, otp=True)
    add_project(coffer, region="ru-moscow")
    for command, what in ((["get", PROJECT], "password"), (["get", PROJECT, "username"], "username"),
                          (["get", PROJECT, "otp"], "otp"), (["otp", PROJECT], "one-time password")):
        result = coffer.run(*command)
        assert (result.status, result.out) == (2, b"")
        assert f"There is no {what} in {PROJECT}, which shares the account of {ACCOUNT}.".encode() in result.err, result
    # What the account does not have either is missed in the project, and so is everything when the account is gone.
    assert b"shares" not in coffer.run("get", PROJECT, "notes").err
    assert coffer.ok("get", PROJECT, "region") == b"ru-moscow\n"
    coffer.ok("rm", ACCOUNT)
    result = coffer.run("get", PROJECT)
    assert result.status == 2 and b"shares" not in result.err
