"""Real Syncthing daemons on loopback, which carry a folder between two homes and know nobody else."""

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.request
import xml.etree.ElementTree as xml

API_KEY = "coffer-test"
FOLDER = "coffer"
WAIT_SECONDS = 60
# Everything that would leave this machine, or change the program.
QUIET = {
    "globalAnnounceEnabled": "false", "localAnnounceEnabled": "false", "relaysEnabled": "false", "natEnabled": "false",
    "startBrowser": "false", "urAccepted": "-1", "crashReportingEnabled": "false", "autoUpgradeIntervalH": "0",
    "reconnectionIntervalS": "1", "setLowPriority": "false", "stunKeepaliveStartS": "0",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """One device with one folder."""

    def __init__(self, home, folder):
        self.home, self.folder = pathlib.Path(home), pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.gui_port = free_port(), free_port()
        # Syncthing starts a second process in a group of its own, which survives the first, unless it believes that
        # something watches it already.
        self.environment = {
            **os.environ, "HOME": str(self.home), "STNODEFAULTFOLDER": "1", "STNOUPGRADE": "1", "STMONITORED": "yes"}
        subprocess.run(
            ["syncthing", "generate", f"--home={self.home}", "--no-default-folder"], check=True, capture_output=True,
            env=self.environment, timeout=60)
        self.device = xml.parse(self.home / "config.xml").getroot().find("device").get("id")
        self.process = None

    def start(self, other):
        """Starts with `other` as the only device it knows."""
        tree = xml.parse(self.home / "config.xml")
        root = tree.getroot()
        gui = root.find("gui")
        gui.find("address").text = f"127.0.0.1:{self.gui_port}"
        gui.find("apikey").text = API_KEY
        options = root.find("options")
        for old in options.findall("listenAddress"):
            options.remove(old)
        xml.SubElement(options, "listenAddress").text = f"tcp://127.0.0.1:{self.port}"
        for name, value in QUIET.items():
            element = options.find(name)
            (element if element is not None else xml.SubElement(options, name)).text = value
        device = xml.SubElement(root, "device", {"id": other.device, "name": "other", "compression": "never"})
        xml.SubElement(device, "address").text = f"tcp://127.0.0.1:{other.port}"
        folder = xml.SubElement(root, "folder", {
            "id": FOLDER, "label": FOLDER, "path": str(self.folder), "type": "sendreceive", "rescanIntervalS": "3600",
            "fsWatcherEnabled": "false"})
        for one in (self.device, other.device):
            xml.SubElement(folder, "device", {"id": one})
        xml.SubElement(folder, "maxConflicts").text = "-1"
        tree.write(self.home / "config.xml")
        # It dies with the test, also with one that is killed.
        with open(self.home / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "syncthing", "serve", f"--home={self.home}", "--no-browser", "--no-restart"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=self.environment, start_new_session=True)
        wait(self.is_up, "Syncthing answers")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(30)

    # What it is asked.

    def call(self, path, method="GET", content=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gui_port}/rest/{path}", method=method, headers={"X-API-Key": API_KEY},
            data=None if content is None else json.dumps(content).encode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def is_up(self):
        try:
            return self.call("system/ping")["ping"] == "pong"
        except OSError:
            return False

    def pause(self, other):
        self.call(f"system/pause?device={other.device}", "POST")

    def resume(self, other):
        self.call(f"system/resume?device={other.device}", "POST")

    def limit_sending(self, kibibytes_per_second):
        self.call("config/options", "PATCH", {"maxSendKbps": kibibytes_per_second, "limitBandwidthInLan": True})

    def scan(self):
        self.call(f"db/scan?folder={FOLDER}", "POST")

    def is_connected(self, other):
        return self.call("system/connections")["connections"].get(other.device, {}).get("connected", False)

    def is_in_step(self, other):
        """Whether both have all files of both, as far as this one knows."""
        status = self.call(f"db/status?folder={FOLDER}")
        completion = self.call(f"db/completion?folder={FOLDER}&device={other.device}")
        return (status["state"] == "idle" and status["needFiles"] == 0 and status["needDeletes"] == 0
                and completion["completion"] == 100 and completion["needDeletes"] == 0)


class Pair:
    """Two daemons that know each other."""

    def __init__(self, home):
        self.one = Daemon(home / "st-one", home / "folder-one")
        self.two = Daemon(home / "st-two", home / "folder-two")

    def __enter__(self):
        try:
            self.one.start(self.two)
            self.two.start(self.one)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.one.stop()
        self.two.stop()

    def cut(self):
        self.one.pause(self.two)
        wait(lambda: not self.one.is_connected(self.two), "the connection is cut")

    def carry(self):
        """Connects them if need be, and waits until both folders are the same."""
        self.one.resume(self.two)
        wait(lambda: self.one.is_connected(self.two) and self.two.is_connected(self.one), "they are connected")
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            self.one.scan()
            self.two.scan()
            wait(lambda: self.one.is_in_step(self.two) and self.two.is_in_step(self.one), "they are in step")
            if files(self.one.folder) == files(self.two.folder):
                return
            assert time.monotonic() < deadline, (files(self.one.folder).keys(), files(self.two.folder).keys())
            time.sleep(0.2)


def files(folder):
    """Names and contents, Syncthing's own left out."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())
            if path.is_file() and not path.name.startswith(".")}


def wait(condition, what):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited too long until {what}"
        time.sleep(0.1)
