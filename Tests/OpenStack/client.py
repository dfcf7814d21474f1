"""The real openstack client: through `coffer run` with an entry, or by itself with variables that the story sets."""

import json
import os
import pathlib
import subprocess

from keystone import DOMAIN, REGION

ISSUE = ("openstack", "token", "issue", "-f", "json")
TIMEOUT_SECONDS = 120


class Client:
    def __init__(self, programs, coffer, keystone):
        self.coffer, self.keystone = coffer, keystone
        self.path = f"{pathlib.Path(programs)}:{os.environ.get('PATH', '/usr/bin:/bin')}"

    def entry(self, title, account, auth_type, **fields):
        """An entry for signing in as `account`. Other fields follow; None leaves one out, and `_` stands for `-`."""
        self.coffer.add(title, "--username", account.name, password=account.password.encode())
        if account.key:
            self.give_key(title, account.key)
        plain = {
            "auth_url": self.keystone.url, "auth_type": auth_type, "project_id": self.keystone.project, "region": REGION,
            "interface": "public", "identity_api_version": "3", "user_domain": DOMAIN, **fields}
        for name, value in plain.items():
            if value is not None:
                self.coffer.ok("set", title, name.replace("_", "-"), value, "--plain")

    def give_key(self, title, key, *options):
        self.coffer.ok("otp", "add", title, "--key-stdin", *options, stdin=key.encode() + b"\n")

    def run(self, title, *command, env=None):
        """Runs the command through coffer, in the caller's environment `env`."""
        return self.coffer.run(
            "run", "--os-cloud", title, "--", *(command or ISSUE), env={"PATH": self.path, **(env or {})},
            timeout=TIMEOUT_SECONDS)

    def alone(self, env):
        """Runs the client without coffer, to see what an environment does to it."""
        return subprocess.run(
            ISSUE, env={**self.coffer.environment, "PATH": self.path, **env}, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TIMEOUT_SECONDS, cwd=self.coffer.home)

    def sign_in(self, title, env=None):
        """Signs in, which must work; returns what Keystone says of the token."""
        result = self.run(title, env=env)
        assert result.status == 0, result
        return self.keystone.token(json.loads(result.out)["id"])

    def variables(self, title, env=None):
        """The OS_ variables that a program gets from coffer."""
        result = self.run(title, "env", "-0", env=env)
        assert result.status == 0, result
        lines = [line.decode().partition("=") for line in result.out.split(b"\0")]
        return {name: value for name, _, value in lines if name.startswith("OS_")}
