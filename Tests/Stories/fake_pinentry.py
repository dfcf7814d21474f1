"""A pinentry program for tests: answers from a list, writes down what it was told, and has every fault on demand."""

SCRIPT = '''#!/usr/bin/python3 -IS
import os, signal, sys, time
steps = {steps!r}
record = open({record!r}, "ab", buffering=0)
out, say = sys.stdout.buffer, lambda text: (sys.stdout.buffer.write(text), sys.stdout.buffer.flush())
record.write(b"START %d\\n" % os.getpid())
{before}
say({greeting!r})
for line in sys.stdin.buffer:
    record.write(line)
    word = line.split()[0].decode() if line.split() else ""
    if word == "BYE":
        {bye}
        break
    if word in ("GETPIN", "CONFIRM"):
        answer = steps.pop(0) if steps else b"ERR 83886179 cancelled\\n"
        {asked}
        say(answer)
        continue
    say({replies!r}.get(word, b"OK\\n"))
'''


class FakePinentry:
    """The program at `path`; `told` is what it was told, by runs."""

    def __init__(self, folder, *answers, greeting=b"OK Pleased to meet you\n", before="", asked="", bye="say(b'OK\\n')",
                 replies=None, name="pinentry"):
        self.path = folder / name
        self.record = folder / f"{name}.record"
        self.path.write_text(SCRIPT.format(
            steps=list(answers), record=str(self.record), greeting=greeting, before=before, asked=asked, bye=bye,
            replies=dict(replies or {})))
        self.path.chmod(0o755)

    @property
    def told(self):
        return self.record.read_bytes().decode() if self.record.exists() else ""

    @property
    def numbers(self):
        """The process numbers of all runs."""
        return [int(line.split()[1]) for line in self.told.splitlines() if line.startswith("START")]

    @property
    def lines(self):
        return [line for line in self.told.splitlines() if not line.startswith("START")]


def pin(secret):
    """The answer that gives the secret, as pinentry escapes it."""
    escaped = b"".join(b"%%%02X" % byte if byte in b"%\r\n" else bytes([byte]) for byte in secret)
    return b"D " + escaped + b"\nOK\n"


def is_running(number):
    """Whether the process is there and not a zombie."""
    try:
        with open(f"/proc/{number}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
