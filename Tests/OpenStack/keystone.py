"""A real Keystone on loopback, with SQLite, and what it knows: a domain, a project, and a user for each way to sign in."""

import base64
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

ADMIN_PASSWORD = "admin of a throw-away Keystone"
REGION = "RegionOne"
# VK Cloud's name of the domain of all users.
DOMAIN = "users"
PROJECT = "mcs1234567890"
# A busy machine takes most of a minute.
START_SECONDS = 120

# Every place is named: the defaults are in /etc. Both fernet sections share one folder, as they do by default.
SETTINGS = """
[DEFAULT]
log_file = {home}/keystone.log
use_stderr = false
[database]
connection = sqlite:///{home}/keystone.db
[fernet_tokens]
key_repository = {home}/fernet
[fernet_receipts]
key_repository = {home}/fernet
[credential]
key_repository = {home}/credential
[auth]
methods = external,password,token,totp,application_credential
[identity]
password_hash_rounds = 4
"""


class Account:
    """A user of the cloud: name, password, and the key of the codes (base32) if there is one."""

    def __init__(self, name, key=None):
        self.name, self.password, self.key = name, f"the password of {name}", key
        self.id = None


def make_key():
    return base64.b32encode(os.urandom(20)).decode()


class Keystone:
    """The server; within `with` it runs."""

    def __init__(self, programs, home):
        self.programs, self.home = pathlib.Path(programs), pathlib.Path(home)
        self.settings = self.home / "keystone.conf"
        self.settings.write_text(SETTINGS.format(home=self.home))
        self.environment = {
            "HOME": str(self.home), "PATH": f"{self.programs}:/usr/bin:/bin", "LANG": "C.UTF-8",
            "OS_KEYSTONE_CONFIG_FILES": str(self.settings)}
        self.process = self.admin = None
        self.by_password = Account("anna")
        self.by_code = Account("boris", make_key())
        self.by_both = Account("clara", make_key())

    def __enter__(self):
        try:
            self.start()
            self.make_accounts()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait(30)
            self.process.stdout.close()

    # Starting.

    def start(self):
        """Starts the server while its database is made: either takes seconds, most of them for loading the same modules."""
        self.make_keys()
        serve = pathlib.Path(__file__).with_name("serve.py")
        with open(self.home / "server.log", "wb") as log:
            # It dies with the test, also with one that is killed.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", self.programs / "python", "-I", serve],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=self.environment, cwd=self.home,
                start_new_session=True)
        port = int(self.process.stdout.readline() or self.fail("the server did not start"))
        self.url = f"http://127.0.0.1:{port}/v3/"
        self.manage("db_sync")
        self.manage(
            "bootstrap", "--bootstrap-password", ADMIN_PASSWORD, "--bootstrap-public-url", self.url,
            "--bootstrap-region-id", REGION)

    def make_keys(self):
        """What keystone-manage fernet_setup and credential_setup write, which take seconds each to do it."""
        for folder in ("fernet", "credential"):
            (self.home / folder).mkdir(mode=0o700)
            for name in ("0", "1"):
                (self.home / folder / name).write_bytes(base64.urlsafe_b64encode(os.urandom(32)))

    def manage(self, *command):
        done = subprocess.run(
            [self.programs / "keystone-manage", "--config-file", self.settings, *command], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment, cwd=self.home, timeout=START_SECONDS)
        if done.returncode != 0:
            self.fail(f"{command[0]}: {done.stdout.decode()}")

    def fail(self, what):
        logs = [path.read_text() for path in (self.home / "server.log", self.home / "keystone.log") if path.exists()]
        raise AssertionError("\n".join([what, *logs]))

    # Its interface.

    def call(self, path, content=None, method=None, token=None, **headers):
        """One request: what is answered, and the headers of the answer."""
        if token:
            headers["X-Auth-Token"] = token
        request = urllib.request.Request(
            self.url + path, method=method or ("GET" if content is None else "POST"),
            data=None if content is None else json.dumps(content).encode(),
            headers={"Content-Type": "application/json", **headers})
        # No proxy: nothing leaves this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=START_SECONDS) as answer:
                body = answer.read()
                return json.loads(body) if body else None, answer.headers
        except urllib.error.HTTPError as error:
            self.fail(f"{path}: {error.code} {error.read().decode()}")
        except urllib.error.URLError as error:
            self.fail(f"{path}: {error}")

    def sign_in(self, name, password, domain, project):
        user = {"name": name, "password": password, "domain": {"name": domain}}
        _, headers = self.call("auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": project}}})
        return headers["X-Subject-Token"]

    def token(self, token):
        """What Keystone says of a token: whose it is, for which project, by which methods."""
        answer, _ = self.call("auth/tokens", token=self.admin, **{"X-Subject-Token": token})
        return answer["token"]

    # What it knows.

    def make_accounts(self):
        self.admin = self.sign_in("admin", ADMIN_PASSWORD, "Default", {"name": "admin", "domain": {"name": "Default"}})
        domain = self.make("domains", name=DOMAIN)
        self.project = self.make("projects", name=PROJECT, domain_id=domain)
        [member] = [role["id"] for role in self.call("roles", token=self.admin)[0]["roles"] if role["name"] == "member"]
        both = {"multi_factor_auth_enabled": True, "multi_factor_auth_rules": [["password", "totp"]]}
        for account, options in ((self.by_password, {}), (self.by_code, {}), (self.by_both, both)):
            account.id = self.make(
                "users", name=account.name, password=account.password, domain_id=domain, options=options)
            self.call(f"projects/{self.project}/users/{account.id}/roles/{member}", method="PUT", token=self.admin)
            if account.key:
                self.make("credentials", type="totp", blob=account.key, user_id=account.id, project_id=self.project)
        own = self.sign_in(self.by_password.name, self.by_password.password, DOMAIN, {"id": self.project})
        self.credential = self.call(
            f"users/{self.by_password.id}/application_credentials",
            {"application_credential": {"name": "nightly", "roles": [{"id": member}]}}, token=own)[0]["application_credential"]

    def make(self, kind, **content):
        """Makes one of a kind; returns its id."""
        one = kind.removesuffix("s")
        return self.call(kind, {one: content}, token=self.admin)[0][one]["id"]
