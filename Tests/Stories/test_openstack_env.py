"""`coffer openstack env`, `env-file` and `clouds-yaml`: settings for a shell, as references, as OpenStack's files."""

import os
import pathlib
import re
import subprocess
import time

import pytest
import yaml

from clouds import (
    ACCOUNT, AUTH_URL, KEY, PASSWORD, PROJECT, add_cloud, add_project, is_fresh, openstack_variables, set_plain,
    set_secret, variables)
from conflicts import forge, with_second_value
from conftest import MASTER_PASSWORD
from terminal import printed

SECRET = b"t0ken-not-for-eyes"
MASK = "••••••••".encode()
# What a shell, a file of lines or YAML could take for something else. No control character: OpenStack takes none.
HOSTILE = [
    "it's", "''", "'", '"', '"quoted"', "$HOME", "$(touch it-was-run)", "`touch it-was-run`", "\\", "\\n", "\\'",
    "a\nb", "\n", "two\n\nlines\nexport OS_X=1", " blanks ", "\ttab\t", "#", "x # y", "!", "!!", "*", "~", "-n",
    "--help", "yes", "null", "3", "1e3", "{{ coffer://a/b }}", "coffer://work/vk/password", "a: b", "- a", "&a", "%",
    "@x", "|", ">", "=", "пароль", "漢字🔑", "e\u0301", "\u0301", "\u202eevil", "\u2028", "\ufeff", "\u00a0", "x" * 5000,
    "; touch it-was-run;", "&& touch it-was-run", "'; touch it-was-run; '", "'\\''", "\"; touch it-was-run; \""]


def refuse(coffer, status, *arguments, **options):
    """Nothing is printed or changed, and nothing secret is said. Returns the message."""
    before = coffer.vault.read_bytes()
    result = coffer.run("openstack", *arguments, **options)
    assert (result.status, result.out) == (status, b""), result
    assert f"coffer: error {status}: ".encode() in result.err
    for secret in (PASSWORD, SECRET, KEY.encode(), MASTER_PASSWORD):
        assert secret not in result.err
    assert coffer.vault.read_bytes() == before
    return result.err.decode()


def read_back(coffer, commands, shell="sh", env=None):
    """The variables of OpenStack that a shell has after `eval` of the commands, as texts."""
    done = subprocess.run(
        [shell, "-c", 'eval "$(cat)"; exec env -0'], input=commands, capture_output=True, cwd=coffer.home,
        env={**coffer.environment, **(env or {})}, timeout=60)
    assert (done.returncode, done.stderr) == (0, b""), done
    assert not (coffer.home / "it-was-run").exists()
    return openstack_variables(done.stdout)


# --- env


def test_a_shell_reads_back_what_run_would_set(coffer):
    add_cloud(coffer, project_id="p-1", region="ru-moscow", openstack_cacert="/etc/ca.pem", otp=True)
    result = coffer.run("openstack", "env", ACCOUNT)
    assert result.status == 0 and PASSWORD not in result.err, result
    expected = openstack_variables(coffer.ok("run", "--os-cloud", ACCOUNT, "--", "env", "-0"))
    assert len(expected) == 9
    assert read_back(coffer, result.out) == expected


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
def test_a_shell_reads_back_every_value_as_it_is(coffer, shell):
    add_cloud(coffer)
    for number, value in enumerate(HOSTILE):
        coffer.ok("set", ACCOUNT, f"openstack-value-{number}", "-", stdin=value.encode() + b"\n")
    coffer.ok("set", ACCOUNT, "password", "-", stdin="па'роль$(id)\\ ".encode() + b"\n")
    environment = read_back(coffer, coffer.ok("openstack", "env", ACCOUNT), shell)
    assert [environment.get(f"OS_VALUE_{number}") for number in range(len(HOSTILE))] == HOSTILE
    assert environment["OS_PASSWORD"] == "па'роль$(id)\\ "
    assert len(environment) == len(HOSTILE) + 6


def test_what_contradicts_is_unset(coffer):
    add_cloud(coffer)
    stale = {"OS_TOKEN": "stale", "OS_CLOUD": "stale", "OS_PASSWORD": "stale", "OS_PROJECT_ID": "stale", "OSX": "mine"}
    out = coffer.ok("openstack", "env", ACCOUNT, env=stale)
    assert b"stale" not in out
    assert set(read_back(coffer, out, env=stale)) == {
        "OS_AUTH_TYPE", "OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_IDENTITY_API_VERSION"}


@pytest.mark.parametrize("name", [
    "OS_$(touch it-was-run)", "OS_`touch it-was-run`", "OS_X; touch it-was-run", "OS_X\ntouch it-was-run", "OS_A B",
    "OS_X-Y", "OS_\x1b[2J", "OS_й"], ids=ascii)
def test_a_variable_of_no_shell_is_no_command(coffer, name):
    """A program can give another one variables of any name; to a shell they are none."""
    add_cloud(coffer)
    out = coffer.ok("openstack", "env", ACCOUNT, env={name: "x"})
    assert len(read_back(coffer, out)) == 6
    assert b"touch" not in out and b"\x1b" not in out


def test_a_code_is_among_them(coffer):
    add_cloud(coffer, otp=True, auth_type="v3totp")
    since = time.time()
    environment = read_back(coffer, coffer.ok("openstack", "env", ACCOUNT))
    assert is_fresh(environment["OS_PASSCODE"], since) and "OS_PASSWORD" not in environment


def test_json_has_what_is_set_and_unset_and_secrets_only_revealed(coffer):
    add_cloud(coffer, project_id="p-1")
    set_secret(coffer, ACCOUNT, "openstack-pin", SECRET)
    result = coffer.run("openstack", "env", ACCOUNT, "--json", env={"OS_TOKEN": "stale"})
    assert PASSWORD not in result.out and SECRET not in result.out
    shown = {
        "OS_AUTH_TYPE": "v3password", "OS_AUTH_URL": AUTH_URL, "OS_IDENTITY_API_VERSION": "3", "OS_PROJECT_ID": "p-1",
        "OS_USERNAME": "anna@example.com", "OS_USER_DOMAIN_NAME": "users"}
    assert result.json() == {"set": shown, "unset": ["OS_TOKEN"]}
    result = coffer.run("openstack", "env", ACCOUNT, "--json", "--reveal")
    assert result.json() == {
        "set": shown, "secrets": {"OS_PASSWORD": PASSWORD.decode(), "OS_PIN": SECRET.decode()}, "unset": []}


def test_on_a_terminal_secrets_are_masked_unless_revealed(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor", project_id="p-1")
    set_secret(coffer, ACCOUNT, "openstack-client-secret", SECRET)
    result = printed(coffer, "openstack", "env", ACCOUNT)
    assert result.status == 0 and PASSWORD not in result.out and SECRET not in result.out
    for name in (b"PASSWORD", b"PASSCODE", b"CLIENT_SECRET"):
        assert b"export OS_%s=%s\n" % (name, MASK) in result.out
    assert b"export OS_PROJECT_ID='p-1'\n" in result.out and b"export OS_USERNAME='anna@example.com'\n" in result.out
    assert not re.search(rb"\d{6}'\n", result.out)
    result = printed(coffer, "openstack", "env", ACCOUNT, "--reveal")
    assert b"export OS_PASSWORD='" + PASSWORD + b"'\n" in result.out and MASK not in result.out


def test_on_a_terminal_a_field_that_was_set_as_a_secret_is_masked_whatever_its_name(coffer):
    add_cloud(coffer)
    set_secret(coffer, ACCOUNT, "openstack-pin", SECRET)
    assert b"export OS_PIN=" + MASK + b"\n" in printed(coffer, "openstack", "env", ACCOUNT).out


def test_on_a_terminal_no_value_steers_it(coffer):
    add_cloud(coffer, project_name="\u202eevil\u2028x")
    out = printed(coffer, "openstack", "env", ACCOUNT, "--reveal").out.decode()
    assert "\u202e" not in out and "\u2028" not in out


@pytest.mark.parametrize("command", [["env"], ["env-file", "--for", "openstack"], ["clouds-yaml"]], ids=" ".join)
def test_what_is_missing_or_in_conflict_is_refused(coffer, command):
    add_cloud(coffer)
    assert "Near it: work/vk" in refuse(coffer, 2, command[0], "work/vkk", *command[1:])
    refuse(coffer, 5, command[0], ACCOUNT, *command[1:], unlock=False)
    with_second_value(coffer, forge.PASSWORD, "of the laptop", title=ACCOUNT)
    assert "--pick newest" in refuse(coffer, 8, command[0], ACCOUNT, *command[1:])
    coffer.ok("openstack", command[0], ACCOUNT, *command[1:], "--pick", "newest")
    coffer.ok("set", ACCOUNT, "auth-url", "--remove")
    assert "auth-url" in refuse(coffer, 2, command[0], ACCOUNT, *command[1:], "--pick", "newest")


# --- env-file


def env_file(coffer, title, *words, name="cloud.env"):
    """The lines of the file that is printed; it is written too."""
    result = coffer.run("openstack", "env-file", title, *words)
    assert result.status == 0, result
    (coffer.home / name).write_bytes(result.out)
    lines = [line for line in result.out.decode().split("\n") if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Z_a-z0-9]+=.*", line) for line in lines), lines
    return dict(line.split("=", 1) for line in lines)


def by_file(coffer, *words, name="cloud.env"):
    return variables(coffer.ok("run", "--env-file", name, *words, "--", "env", "-0"))


def test_a_file_of_references_sets_the_same_variables(coffer):
    add_cloud(coffer, project_id="p-1", region="ru-moscow", openstack_cacert="/etc/ca.pem")
    lines = env_file(coffer, ACCOUNT, "--for", "openstack")
    assert lines["OS_PASSWORD"] == "coffer://work/vk/password"
    assert lines["OS_PROJECT_ID"] == "coffer://work/vk/project-id"
    assert openstack_variables(coffer.ok("run", "--env-file", "cloud.env", "--", "env", "-0")) == openstack_variables(
        coffer.ok("run", "--os-cloud", ACCOUNT, "--", "env", "-0"))


def test_a_file_of_references_has_a_code_of_the_account(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor", user_domain="ours")
    add_project(coffer, project_id="p-1")
    lines = env_file(coffer, PROJECT, "--for", "openstack")
    assert lines["OS_PASSCODE"] == "coffer://work/vk/otp"
    since = time.time()
    environment = {name.decode(): value.decode() for name, value in by_file(coffer).items() if name[:3] == b"OS_"}
    assert is_fresh(environment.pop("OS_PASSCODE"), since)
    assert environment == {
        "OS_AUTH_TYPE": "v3multifactor", "OS_AUTH_METHODS": "v3password,v3totp", "OS_AUTH_URL": AUTH_URL,
        "OS_USERNAME": "anna@example.com", "OS_PASSWORD": PASSWORD.decode(), "OS_USER_DOMAIN_NAME": "ours",
        "OS_PROJECT_ID": "p-1", "OS_IDENTITY_API_VERSION": "3"}


def test_a_file_of_references_has_no_value_of_the_entry(coffer):
    """Each value is one that no file of references has by itself."""
    marked = [f"{text}\u2603{number}" for number, text in enumerate(HOSTILE)]
    add_cloud(coffer, username=marked[0].replace("\n", " "), project_id="of the project", region="of the region")
    for number, value in enumerate(marked):
        coffer.ok("set", ACCOUNT, f"openstack-value-{number}", "-", stdin=value.encode() + b"\n")
    coffer.ok("set", ACCOUNT, "password", "-", stdin=(marked[2] + "\n").encode())
    for purpose in ("openstack", "terraform"):
        out = coffer.ok("openstack", "env-file", ACCOUNT, "--for", purpose).decode()
        assert "\u2603" not in out and "of the " not in out and AUTH_URL not in out
    env_file(coffer, ACCOUNT, "--for", "openstack")
    environment = by_file(coffer)
    assert [environment.get(b"OS_VALUE_%d" % number, b"").decode() for number in range(len(marked))] == marked
    assert environment[b"OS_PASSWORD"].decode() == marked[2]


@pytest.mark.parametrize("title", [
    "a", "a/b/c", "with blank", " around ", "a@b", "quote'\"", "'quoted'", "#x", "a=b", "a # b", "$(id)", "Ключ/漢字",
    "\u0301accent", "a\u0301", "id:abcd", "coffer://x/y", "a//b", "/a/", "{{x}}", "\\", "\u202e", "\ttab\t"])
def test_a_file_of_references_finds_an_entry_of_any_title(coffer, title):
    add_cloud(coffer, title)
    env_file(coffer, title, "--for", "openstack")
    assert by_file(coffer)[b"OS_PASSWORD"] == PASSWORD


@pytest.mark.parametrize("title", ["a\nb", "a\rb", "a\r\nOS_X=1", "\n"])
def test_a_title_of_several_lines_makes_no_lines_of_its_own(coffer, title):
    add_cloud(coffer, title)
    lines = env_file(coffer, title, "--for", "openstack")
    number = coffer.ok("get", title, "id").decode().strip()
    assert lines["OS_PASSWORD"] == f"coffer://id:{number}/password"
    assert by_file(coffer)[b"OS_PASSWORD"] == PASSWORD and b"OS_X" not in by_file(coffer)


def test_a_file_of_references_tells_entries_of_one_title_apart(coffer):
    add_cloud(coffer, username="anna", password=b"of anna")
    coffer.add(ACCOUNT, "--username", "bob", password=b"of bob")
    set_plain(coffer, ACCOUNT + "@bob", auth_url=AUTH_URL)
    coffer.ok("add", "keys", "--username", "anna", "--template", "s3-keys")
    coffer.ok("add", "keys", "--username", "bob", "--template", "s3-keys")
    for title in (ACCOUNT + "@anna", ACCOUNT + "@bob"):
        env_file(coffer, title, "--for", "openstack")
        environment = by_file(coffer)
        assert environment[b"OS_PASSWORD"] == b"of " + environment[b"OS_USERNAME"]
        assert environment[b"OS_USERNAME"].decode() == title.split("@")[1]
    add_project(coffer, account=ACCOUNT + "@bob", project_id="p-1")
    env_file(coffer, PROJECT, "--for", "openstack")
    assert by_file(coffer)[b"OS_PASSWORD"] == b"of bob"
    set_plain(coffer, "keys@bob", access_key_id="of bob")
    set_secret(coffer, "keys@bob", "secret-access-key", SECRET)
    env_file(coffer, "keys@bob", "--for", "s3")
    assert by_file(coffer)[b"AWS_ACCESS_KEY_ID"] == b"of bob"


def test_terraform_s_variables_have_the_names_of_its_provider(coffer):
    add_cloud(coffer, project_id="of the account", region="of the account")
    add_project(coffer, project_id="p-1", region="ru-moscow", interface="public")
    assert env_file(coffer, PROJECT, "--for", "terraform") == {
        "TF_VAR_auth_url": "coffer://work/vk/auth-url", "TF_VAR_username": "coffer://work/vk/username",
        "TF_VAR_password": "coffer://work/vk/password", "TF_VAR_user_domain_name": "coffer://work/vk/user-domain",
        "TF_VAR_project_id": f"coffer://{PROJECT}/project-id", "TF_VAR_region": f"coffer://{PROJECT}/region"}
    environment = by_file(coffer)
    assert environment[b"TF_VAR_password"] == PASSWORD and environment[b"TF_VAR_project_id"] == b"p-1"
    assert not [name for name in environment if name.startswith(b"OS_")]


def test_terraform_may_have_an_application_credential(coffer):
    add_cloud(coffer, project_id="p-1", region="ru-moscow", application_credential_id="cred-1")
    set_secret(coffer, ACCOUNT, "application-credential-secret", SECRET)
    assert set(env_file(coffer, ACCOUNT, "--for", "terraform")) == {
        "TF_VAR_auth_url", "TF_VAR_region", "TF_VAR_application_credential_id", "TF_VAR_application_credential_secret"}
    assert by_file(coffer)[b"TF_VAR_application_credential_secret"] == SECRET


@pytest.fixture
def keys(coffer):
    """An entry with two pairs of keys of an object storage, as in a rotation."""
    coffer.ok("add", "work/s3", "--template", "s3-keys")
    set_plain(coffer, "work/s3", endpoint="https://hb.example", region="ru-msk")
    for end in ("", "-2"):
        coffer.ok("set", "work/s3", "access-key-id" + end, "AKIA" + end, "--plain")
        set_secret(coffer, "work/s3", "secret-access-key" + end, SECRET + end.encode())
    return coffer


@pytest.mark.parametrize("slot, end", [((), ""), (("--slot", "1"), ""), (("--slot", "2"), "-2")])
def test_each_pair_of_keys_of_an_object_storage_has_its_slot(keys, slot, end):
    assert env_file(keys, "work/s3", "--for", "s3", *slot) == {
        "AWS_ACCESS_KEY_ID": "coffer://work/s3/access-key-id" + end,
        "AWS_SECRET_ACCESS_KEY": "coffer://work/s3/secret-access-key" + end,
        "AWS_ENDPOINT_URL_S3": "coffer://work/s3/endpoint", "AWS_DEFAULT_REGION": "coffer://work/s3/region"}
    environment = by_file(keys)
    assert environment[b"AWS_ACCESS_KEY_ID"] == b"AKIA" + end.encode()
    assert environment[b"AWS_SECRET_ACCESS_KEY"] == SECRET + end.encode()
    assert environment[b"AWS_ENDPOINT_URL_S3"] == b"https://hb.example"
    assert environment[b"AWS_DEFAULT_REGION"] == b"ru-msk"


def test_a_pair_of_keys_that_is_not_there_is_refused(keys):
    keys.ok("set", "work/s3", "secret-access-key-2", "--remove")
    assert "secret-access-key-2" in refuse(keys, 2, "env-file", "work/s3", "--for", "s3", "--slot", "2")
    for slot in ("0", "3", "x"):
        refuse(keys, 64, "env-file", "work/s3", "--for", "s3", "--slot", slot)
    for name in ("endpoint", "region"):
        keys.ok("set", "work/s3", name, "--remove")
    assert set(env_file(keys, "work/s3", "--for", "s3")) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def test_a_file_of_references_is_for_a_program_that_is_known(coffer):
    add_cloud(coffer)
    assert "env-file --help" in refuse(coffer, 64, "env-file", ACCOUNT, "--for", "ansible")
    refuse(coffer, 64, "env-file", ACCOUNT)


# --- clouds-yaml


@pytest.fixture
def runtime(coffer, tmp_path):
    """A run-time folder of one's own, as a variable; the agent's, where one holds the vault."""
    if coffer.runtime:
        return {"XDG_RUNTIME_DIR": str(coffer.runtime)}
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    return {"XDG_RUNTIME_DIR": str(folder)}


def secure_files(runtime):
    """What is in the run-time folder, but for what is the agent's."""
    folder = pathlib.Path(runtime["XDG_RUNTIME_DIR"])
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("agent"))


def test_clouds_yaml_has_all_but_the_secrets(coffer):
    add_cloud(coffer, project_id="p-1", project_name="My project", project_domain="Default", region="ru-moscow",
              interface="public", openstack_cacert="/etc/ca.pem", otp=True)
    result = coffer.run("openstack", "clouds-yaml", ACCOUNT)
    assert result.status == 0, result
    for secret in (PASSWORD, KEY.encode(), MASTER_PASSWORD):
        assert secret not in result.out + result.err
    assert yaml.safe_load(result.out) == {"clouds": {"vk": {
        "auth": {"auth_url": AUTH_URL, "username": "anna@example.com", "user_domain_name": "users", "project_id": "p-1",
                 "project_name": "My project", "project_domain_name": "Default"},
        "auth_type": "v3password", "region_name": "ru-moscow", "interface": "public", "cacert": "/etc/ca.pem"}}}


def test_clouds_yaml_of_the_other_ways_to_sign_in(coffer):
    add_cloud(coffer, otp=True, auth_type="v3multifactor")
    [cloud] = yaml.safe_load(coffer.ok("openstack", "clouds-yaml", ACCOUNT))["clouds"].values()
    assert cloud["auth_type"] == "v3multifactor"
    # Of keystoneauth's settings the one that is a list.
    methods = cloud.get("auth_methods") or cloud["auth"]["auth_methods"]
    assert methods == ["v3password", "v3totp"]
    set_plain(
        coffer, ACCOUNT, auth_type="v3applicationcredential", application_credential_id="cred-1", project_id="p-1")
    set_secret(coffer, ACCOUNT, "application-credential-secret", SECRET)
    out = coffer.ok("openstack", "clouds-yaml", ACCOUNT)
    assert SECRET not in out and yaml.safe_load(out) == {"clouds": {"vk": {
        "auth": {"auth_url": AUTH_URL, "application_credential_id": "cred-1"},
        "auth_type": "v3applicationcredential"}}}


def test_clouds_yaml_keeps_every_value_as_it_is(coffer, runtime):
    add_cloud(coffer, username="'anna': \"x\" # й")
    for number, value in enumerate(HOSTILE):
        # Only what has a name that is known to be harmless is public.
        coffer.ok("set", ACCOUNT, f"openstack-value-{number}-name", "-", "--plain", stdin=value.encode() + b"\n")
        coffer.ok("set", ACCOUNT, f"openstack-secret-{number}", "-", stdin=value.encode() + b"\n")
    out = coffer.ok("openstack", "clouds-yaml", ACCOUNT, "--secure", env=runtime)
    cloud = yaml.safe_load(out)["clouds"]["vk"]
    assert [cloud.get(f"value_{number}_name") for number in range(len(HOSTILE))] == HOSTILE
    assert cloud["auth"]["username"] == "'anna': \"x\" # й" and not [key for key in cloud if "secret" in key]
    [secure] = secure_files(runtime)
    cloud = yaml.safe_load(secure.read_bytes())["clouds"]["vk"]
    assert [cloud.get(f"secret_{number}") for number in range(len(HOSTILE))] == HOSTILE


def test_secrets_go_to_a_file_of_the_run_time_folder_alone(coffer, runtime):
    add_cloud(coffer, "work/vk-prod", project_id="p-1")
    before = {path for path in coffer.home.rglob("*")}
    result = coffer.run("openstack", "clouds-yaml", "work/vk-prod", "--secure", env=runtime, umask=0)
    assert result.status == 0 and PASSWORD not in result.out + result.err, result
    [secure] = secure_files(runtime)
    assert secure.parent == pathlib.Path(runtime["XDG_RUNTIME_DIR"]) / "coffer"
    assert secure.stat().st_mode & 0o7777 == 0o600 and secure.parent.stat().st_mode & 0o7777 == 0o700
    assert yaml.safe_load(secure.read_bytes()) == {"clouds": {"vk-prod": {"auth": {"password": PASSWORD.decode()}}}}
    assert yaml.safe_load(result.out) == yaml.safe_load(coffer.ok("openstack", "clouds-yaml", "work/vk-prod"))
    assert f"export OS_CLIENT_SECURE_FILE={secure}" in result.err.decode()
    assert {path for path in coffer.home.rglob("*")} == before
    # A second time it is made anew, and is the only one.
    set_secret(coffer, "work/vk-prod", "password", b"changed")
    coffer.ok("openstack", "clouds-yaml", "work/vk-prod", "--secure", env=runtime)
    assert secure_files(runtime) == [secure] and b"changed" in secure.read_bytes()
    coffer.ok("openstack", "clouds-yaml", "work/vk-prod", "--secure", "--name", "test", env=runtime)
    assert len(secure_files(runtime)) == 2


def test_a_link_in_the_place_of_the_secrets_is_not_followed(coffer, runtime, tmp_path):
    add_cloud(coffer)
    coffer.ok("openstack", "clouds-yaml", ACCOUNT, "--secure", env=runtime)
    [secure] = secure_files(runtime)
    secure.unlink()
    mine = tmp_path / "mine"
    mine.write_bytes(b"mine")
    secure.symlink_to(mine)
    coffer.ok("openstack", "clouds-yaml", ACCOUNT, "--secure", env=runtime)
    assert mine.read_bytes() == b"mine" and not secure.is_symlink() and PASSWORD in secure.read_bytes()


@pytest.mark.parametrize("name", ["..", "../x", "/etc/x", "a/b", ".", "-", "й", "x" * 200, "a\u2028b", "'\"$(id)", " "])
def test_a_cloud_of_any_name_has_its_file_in_the_folder(coffer, runtime, name):
    add_cloud(coffer)
    out = coffer.ok("openstack", "clouds-yaml", ACCOUNT, "--secure", f"--name={name}", env=runtime)
    [secure] = secure_files(runtime)
    assert secure.parent == pathlib.Path(runtime["XDG_RUNTIME_DIR"]) / "coffer"
    assert list(yaml.safe_load(out)["clouds"]) == list(yaml.safe_load(secure.read_bytes())["clouds"]) == [name]


@pytest.mark.parametrize("name", ["", "x" * 257, "a\nb", "\x1b"])
def test_a_name_that_is_none_is_refused(coffer, runtime, name):
    add_cloud(coffer)
    assert "--name" in refuse(coffer, 64, "clouds-yaml", ACCOUNT, "--secure", f"--name={name}", env=runtime)
    assert secure_files(runtime) == []


def test_without_a_run_time_folder_no_secret_is_written(coffer, tmp_path):
    add_cloud(coffer)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    places = ["relative", str(tmp_path / "none"), str(shared)]
    if not pathlib.Path(f"/run/user/{os.getuid()}").exists():
        places.append("")
    for place in places:
        before = {path for path in tmp_path.rglob("*")}
        # On the agent's road the vault must be held in the usual place first.
        result = coffer.run(
            "openstack", "clouds-yaml", ACCOUNT, "--secure", env={"XDG_RUNTIME_DIR": place},
            fds={"--password-fd": MASTER_PASSWORD + b"\n"})
        assert result.status not in (0, 64) and result.out == b"", (place, result)
        assert b"XDG_RUNTIME_DIR" in result.err and PASSWORD not in result.err, (place, result)
        assert {path for path in tmp_path.rglob("*")} == before


def test_a_cloud_without_a_secret_has_no_file(coffer, runtime):
    add_cloud(coffer, password=None, otp=True, auth_type="v3totp")
    coffer.ok("openstack", "clouds-yaml", ACCOUNT)
    assert "secret" in refuse(coffer, 2, "clouds-yaml", ACCOUNT, "--secure", env=runtime)
    assert secure_files(runtime) == []


def test_a_field_that_was_set_as_a_secret_is_one_whatever_its_name(coffer, runtime):
    """A new field is secret unless it is set with --plain, also where OpenStack's setting is none."""
    add_cloud(coffer)
    set_secret(coffer, ACCOUNT, "openstack-pin", SECRET)
    set_secret(coffer, ACCOUNT, "project-id", SECRET)
    expected = {"auth": {"auth_url": AUTH_URL, "username": "anna@example.com", "user_domain_name": "users"},
                "auth_type": "v3password"}
    for words in ([], ["--secure"]):
        result = coffer.run("openstack", "clouds-yaml", ACCOUNT, *words, env=runtime)
        assert SECRET not in result.out + result.err
        assert yaml.safe_load(result.out)["clouds"]["vk"] == expected
    [secure] = secure_files(runtime)
    assert yaml.safe_load(secure.read_bytes())["clouds"]["vk"] == {
        "auth": {"password": PASSWORD.decode(), "project_id": SECRET.decode()}, "pin": SECRET.decode()}


def test_the_way_to_sign_in_is_known_though_it_was_set_as_a_secret(coffer, runtime):
    """It decides which variables there are, so that it is looked at where no value is told."""
    add_cloud(coffer, otp=True)
    add_project(coffer, project_id="p-1")
    account = coffer.ok("get", PROJECT, "account").strip()
    coffer.ok("set", PROJECT, "account", "--remove")
    set_secret(coffer, PROJECT, "account", account)
    set_secret(coffer, PROJECT, "auth-type", b"v3totp")
    assert set(env_file(coffer, PROJECT, "--for", "openstack")) == {
        "OS_AUTH_TYPE", "OS_AUTH_URL", "OS_USERNAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_ID", "OS_IDENTITY_API_VERSION",
        "OS_PASSCODE"}
    [cloud] = yaml.safe_load(coffer.ok("openstack", "clouds-yaml", PROJECT))["clouds"].values()
    assert cloud["auth_type"] == "v3totp" and cloud["auth"]["username"] == "anna@example.com"


def test_openstack_s_own_rules_hold_for_both_files_together(coffer, runtime):
    """As openstacksdk lays secure.yaml over clouds.yaml."""
    add_cloud(coffer, user_domain="ours")
    add_project(coffer, project_id="p-1")
    public = yaml.safe_load(coffer.ok("openstack", "clouds-yaml", PROJECT, "--secure", env=runtime))["clouds"]
    [secure] = secure_files(runtime)
    secret = yaml.safe_load(secure.read_bytes())["clouds"]
    assert {**public["vk-project"]["auth"], **secret["vk-project"]["auth"]} == {
        "auth_url": AUTH_URL, "username": "anna@example.com", "user_domain_name": "ours", "project_id": "p-1",
        "password": PASSWORD.decode()}
