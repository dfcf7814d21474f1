"""Entries of OpenStack clouds, and programs that tell in which environment they were run."""

import subprocess
import time

KEY = "JBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/VK:anna?secret={KEY}&issuer=VK&algorithm=SHA1&digits=6&period=30".encode()
AUTH_URL = "https://infra.mail.example:35357/v3/"
PASSWORD = b"Zq8-not-for-eyes"
ACCOUNT, PROJECT = "work/vk", "work/vk-project"


def set_plain(coffer, title, **fields):
    """Sets fields that are not secret; `auth_url` is the field `auth-url`."""
    for name, value in fields.items():
        coffer.ok("set", title, name.replace("_", "-"), value, "--plain")


def set_secret(coffer, title, field, value):
    coffer.ok("set", title, field, "-", stdin=value + b"\n")


def add_cloud(coffer, title=ACCOUNT, username="anna@example.com", password=PASSWORD, otp=False, **fields):
    """An entry that signs in to a cloud by itself."""
    name = ["--username", username] if username else []
    if password:
        coffer.add(title, "--template", "vk-cloud", *name, password=password)
    else:
        coffer.ok("add", title, "--template", "vk-cloud", *name)
    if otp:
        coffer.ok("otp", "add", title, "--uri-stdin", stdin=URI)
    set_plain(coffer, title, **{"auth_url": AUTH_URL, **fields})


def add_project(coffer, title=PROJECT, account=ACCOUNT, **fields):
    """An entry that shares the account of another one."""
    coffer.ok("add", title, "--template", "vk-project")
    number = coffer.ok("get", account, "id").decode().strip()
    set_plain(coffer, title, account=f"id:{number}", **fields)


def variables(output):
    """What `env -0` printed."""
    return dict(line.split(b"=", 1) for line in output.split(b"\0") if line)


def openstack_variables(output):
    """Those of OpenStack among them, as texts."""
    return {name.decode(): value.decode() for name, value in variables(output).items() if name.startswith(b"OS_")}


def code_at(seconds, key=KEY):
    """The code that is current then, as another program has it."""
    return subprocess.run(
        ["oathtool", "--totp=sha1", "--base32", "--digits=6", "--time-step-size=30", f"--now=@{int(seconds)}", key],
        capture_output=True, check=True).stdout.strip().decode()


def is_fresh(code, since):
    """Whether `code`, drawn between `since` and now, was then valid for ten seconds, the current one included."""
    return code in {code_at(moment + 9) for moment in range(int(since), int(time.time()) + 1)}
