"""No secret leaves the process but where it was sent: no argument, environment, path, message or file has one (D9)."""

import os
import pathlib
import random
import re
import resource
import signal
import string
import subprocess

import pytest
from conftest import DYNAMIC_PROGRAM, PROGRAM, Coffer, pipe_with

CALLS = "execve,open,openat,openat2,creat,write,pwrite64,writev,pwritev,rename,renameat,renameat2,link,linkat,symlink," \
    "symlinkat,unlink,unlinkat,mkdir,mkdirat,stat,lstat,newfstatat,statx,access,faccessat,faccessat2,readlink," \
    "readlinkat,socket,connect,sendto,sendmsg,prctl,prlimit64,setrlimit,rt_sigaction,umask,memfd_create,pipe2,dup," \
    "fcntl,clone,clone3,fork,vfork"


def random_text(count, alphabet=string.ascii_letters + string.digits):
    return "".join(random.choices(alphabet, k=count))


class Secrets:
    master = random_text(32)
    new_master = random_text(32)
    password = random_text(32)
    new_password = random_text(32)
    notes = random_text(32)
    otp_key = random_text(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    new_otp_key = random_text(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    codes = [random_text(16, "0123456789abcdef") for _ in range(4)]
    new_codes = [random_text(16, "0123456789abcdef") for _ in range(4)]

    @classmethod
    def uri(cls, key):
        return f"otpauth://totp/Example:me?secret={key}&issuer=Example"

    @classmethod
    def all(cls):
        return [
            cls.master, cls.new_master, cls.password, cls.new_password, cls.notes, cls.otp_key, cls.otp_key.lower(),
            cls.new_otp_key, *cls.codes, *cls.new_codes]


@pytest.fixture
def filled(tmp_path):
    """A vault with a secret of each kind."""
    coffer = Coffer(tmp_path / "home", Secrets.master.encode()).init()
    coffer.add("work/vk", "--username", "me", password=Secrets.password.encode())
    coffer.ok("add", "noted", "--template", "note", "--note-stdin", stdin=Secrets.notes.encode())
    coffer.ok("otp", "add", "work/vk", "--uri-stdin", stdin=Secrets.uri(Secrets.otp_key).encode())
    coffer.ok("codes", "add", "work/vk", "-", stdin="\n".join(Secrets.codes).encode())
    return coffer


def traced(coffer, arguments, stdin=b"", fds=None, unlock=True):
    """Runs a command under strace. Returns its status, both outputs, and the lines that strace wrote."""
    fds = dict(fds or {})
    if unlock and not {"--password-fd", "--recovery-key-fd"} & fds.keys():
        fds["--password-fd"] = coffer.password + b"\n"
    given, descriptors = [], []
    for option, content in fds.items():
        descriptors.append(pipe_with(content))
        given += [option, str(descriptors[-1])]
    log = coffer.home.parent / "strace.log"
    try:
        done = subprocess.run(
            ["strace", "-f", "-v", "-s", "65536", "-o", str(log), "-e", f"trace={CALLS}", "-e", "signal=none",
             PROGRAM, *arguments, *given],
            input=stdin, capture_output=True, pass_fds=descriptors, env=coffer.environment, cwd=coffer.home,
            timeout=120, start_new_session=True)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return done.returncode, done.stdout, done.stderr, log.read_text(errors="surrogateescape").splitlines()


def assert_not_in(texts, secrets, where):
    for number, text in enumerate(texts):
        for secret in secrets:
            assert secret not in text, f"a secret is in {where}, place {number}: {text[:300]!r}"


# The arguments, what comes through standard input or a descriptor, and the status.
COMMANDS = [
    ("get work/vk", {}),
    ("show work/vk", {}),
    ("show work/vk --reveal", {}),
    ("show work/vk --json --reveal", {}),
    ("get work/vk otp-uri", {}),
    ("get noted notes", {}),
    ("ls --json", {}),
    ("find work --secrets", {}),
    ("otp work/vk", {}),
    ("otp add noted --uri-stdin", {"stdin": Secrets.uri(Secrets.new_otp_key)}),
    ("otp add noted --key-stdin", {"stdin": Secrets.new_otp_key}),
    ("otp add noted --uri-stdin", {"stdin": Secrets.uri(Secrets.new_otp_key) + "&digits=" + Secrets.new_password,
                                   "fails": True}),
    ("otp add noted --key-stdin", {"stdin": Secrets.new_password + "!", "fails": True}),
    ("codes list work/vk --reveal", {}),
    ("codes next work/vk", {}),
    ("codes add noted -", {"stdin": "\n".join(Secrets.codes)}),
    ("codes mark-used work/vk -", {"stdin": Secrets.codes[1]}),
    ("codes mark-used work/vk -", {"stdin": Secrets.new_password, "fails": True}),
    ("add another --password-stdin", {"stdin": Secrets.new_password}),
    ("add another", {"fds": {"--value-fd": Secrets.new_password}}),
    ("add another --template note --note-stdin", {"stdin": Secrets.new_password}),
    ("add another --generate", {}),
    ("add work/vk --username me --password-stdin", {"stdin": Secrets.new_password, "fails": True}),
    ("get work/vk", {"fds": {"--password-fd": Secrets.new_master}, "fails": True}),
    ("get work/vk", {"fds": {"--recovery-key-fd": Secrets.new_master}, "fails": True}),
    ("get nothing", {"fails": True}),
    ("set work/vk password -", {"stdin": Secrets.new_password}),
    ("set work/vk pin", {"fds": {"--value-fd": Secrets.new_password}}),
    ("set work/vk password --generate", {}),
    ("history work/vk --reveal", {}),
    ("history work/vk --json --reveal", {}),
    ("undo work/vk username", {}),
    ("codes replace work/vk - --yes", {"stdin": "\n".join(Secrets.new_codes)}),
    ("codes undo work/vk", {"fails": True}),
    ("rm work/vk", {}),
    ("join work/vk noted", {}),
    ("mv work/vk elsewhere", {}),
    ("conflicts --reveal", {}),
    ("merge vault.coffer", {}),
    ("generate --count 3", {"unlock": False}),
    ("passwd --iterations 600000", {"fds": {"--new-password-fd": Secrets.new_master}}),
    ("keys --add-key-file key", {}),
    ("kit new --output sheet", {}),
    ("backups restore 1", {}),
    ("verify --deep", {}),
    ("verify --salvage rescued --no-recovery-key --unsafe-test-kdf --iterations 1", {}),
    ("init --vault other --no-recovery-key --unsafe-test-kdf --iterations 1",
     {"fds": {"--new-password-fd": Secrets.new_master}, "unlock": False}),
]


@pytest.mark.parametrize("words, how", [pytest.param(w, h, id=w.replace(" ", "-")) for w, h in COMMANDS])
def test_a_command_sends_no_secret_anywhere_but_to_its_output(filled, words, how):
    fds = {option: text.encode() + b"\n" for option, text in how.get("fds", {}).items()}
    status, out, err, calls = traced(
        filled, words.split(), how.get("stdin", "").encode() + b"\n", fds, unlock=how.get("unlock", True))
    assert (status != 0) == how.get("fails", False), err
    # Standard output is where a secret may go; nothing else that a system call was given may hold one.
    others = [call for call in calls if not re.match(r"\d+ +(write|writev)\(1,", call)]
    assert_not_in(others, Secrets.all(), "a system call")
    assert_not_in([err.decode()], Secrets.all(), "standard error")
    files = [path for path in filled.home.parent.rglob("*") if path.is_file() and path.name != "strace.log"]
    assert files
    assert_not_in([path.read_bytes() for path in files], [s.encode() for s in Secrets.all()], "a file")
    # No program is started, nothing is listened to, nothing is asked of the network.
    assert len([call for call in calls if "execve(" in call]) == 1
    assert not [call for call in calls if re.search(r"socket\(|connect\(|fork\(|memfd_create\(", call)]


def test_every_descriptor_is_closed_on_exec(filled):
    _, _, _, calls = traced(filled, ["add", "another", "--password-stdin"], b"a password\n")
    opened = [call for call in calls if re.search(r"open(at)?\(.*\) += \d+$", call)]
    assert len(opened) > 3
    hardened = next(n for n, call in enumerate(calls) if "PR_SET_DUMPABLE" in call)
    after = [call for call in calls[hardened:] if call in opened]
    assert after
    for call in opened:
        assert "O_CLOEXEC" in call or calls.index(call) < hardened, call
    for call in after:
        assert "O_CLOEXEC" in call, call
    assert not [call for call in calls if re.search(r"\bdup\(|F_DUPFD,|pipe2?\(\[.*\](, 0)?\) ", call)]


@pytest.mark.parametrize("arguments", [["--version"], ["get", "work/vk"], ["nonsense"], []])
def test_a_program_is_hardened_before_it_reads_anything(filled, arguments):
    _, _, _, calls = traced(filled, arguments, unlock=arguments[:1] == ["get"])
    calls = [re.sub(r"^\d+ +", "", call) for call in calls]
    order = []
    for call in calls:
        if match := re.match(r"rt_sigaction\((SIG\w+), \{sa_handler=(SIG_\w+)", call):
            order.append(f"{match[1]} {match[2]}")
        elif "PR_SET_DUMPABLE, SUID_DUMP_DISABLE" in call:
            order.append("no dumps")
        elif re.match(r"(prlimit64|setrlimit)\(.*RLIMIT_CORE, \{rlim_cur=0,", call):
            order.append("no core")
        elif call.startswith("umask("):
            # Asking for the caller's takes two calls: the last one counts.
            order = [step for step in order if step != "umask"] + ["umask"] * call.startswith("umask(077)")
        elif str(filled.home) in call and not call.startswith("execve"):
            order.append("home")
    for fatal in ("SIGILL", "SIGTRAP", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGABRT", "SIGQUIT"):
        assert f"{fatal} SIG_DFL" in order
    first = order.index("home") if "home" in order else len(order)
    for step in ("SIGILL SIG_DFL", "no core", "no dumps", "umask"):
        assert order.index(step) < first


FATAL = [signal.SIGILL, signal.SIGTRAP, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGABRT, signal.SIGQUIT]


# The static program cannot start the runtime's crash printer, and says so before main; the dynamic one can.
NO_PRINTER = b"swift runtime: unable to locate swift-backtrace; disabling backtracing."


@pytest.fixture(params=[PROGRAM, DYNAMIC_PROGRAM], ids=["installed", "dynamic"])
def waiting(filled, request):
    """A command that has opened the vault and waits for more of its input, with secrets in its memory."""
    assert os.path.exists(request.param), "build the debug program first: swift build --product coffer"
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    password = pipe_with(Secrets.master.encode() + b"\n")
    # The runtime prints what it can of a crash when it is asked to.
    environment = {**filled.environment, "SWIFT_BACKTRACE": "enable=yes,color=no,interactive=no,sanitize=no"}
    process = subprocess.Popen(
        [request.param, "codes", "add", "noted", "-", "--password-fd", str(password)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[password], env=environment, cwd=filled.home)
    os.close(password)
    process.stdin.write("\n".join(Secrets.codes).encode() + b"\n")
    process.stdin.flush()
    wait_until_reading(process.pid, 0)
    yield process
    process.kill()
    process.communicate()


def wait_until_reading(pid, descriptor):
    for _ in range(2000):
        call = pathlib.Path(f"/proc/{pid}/syscall").read_text().split()
        if call[:2] == ["0", hex(descriptor)]:
            return
        subprocess.run(["sleep", "0.01"])
    raise AssertionError("the program never waited for its input")


def test_no_fatal_signal_has_a_handler(waiting):
    status = pathlib.Path(f"/proc/{waiting.pid}/status").read_text()
    caught = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)
    assert [s.name for s in FATAL if caught & 1 << (s - 1)] == []
    limits = pathlib.Path(f"/proc/{waiting.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 ", limits)


@pytest.mark.parametrize("fatal", FATAL, ids=lambda s: s.name)
def test_a_crash_says_nothing_and_leaves_nothing(waiting, filled, fatal):
    before = sorted(filled.home.rglob("*"))
    os.kill(waiting.pid, fatal)
    out, err = waiting.communicate(timeout=30)
    assert waiting.returncode == -fatal
    assert out == b""
    # The warning about the vault's KDF was there before.
    assert [line for line in err.splitlines() if b"--unsafe-test-kdf" not in line and line != NO_PRINTER] == []
    assert sorted(filled.home.rglob("*")) == before


SECRET_ARGUMENTS = [
    "get work/vk --password SECRET", "get work/vk --password=SECRET", "show work/vk --master-password SECRET",
    "init --password SECRET", "init --new-password=SECRET", "add new --password SECRET", "add new --secret=SECRET",
    "add new --otp-secret SECRET", "add new --token SECRET", "add new SECRET", "get work/vk --recovery-key SECRET",
    "get work/vk --recovery-key=SECRET", "show work/vk --pin SECRET", "otp add noted SECRET",
    "otp add noted --key SECRET", "otp add noted --uri SECRET", "otp add noted --uri-stdin=SECRET",
    "otp add noted --key-stdin SECRET", "codes mark-used work/vk SECRET", "SECRET", "--password SECRET ls",
    "ls --passphrase SECRET", "add new --password-stdin=SECRET", "get work/vk --password-fd SECRET",
    "get work/vk --recovery-key-fd=SECRET", "add new --value-fd SECRET", "add new --value SECRET",
    "find --SECRET", "get work/vk password SECRET", "ls a SECRET", "add new --generate --length SECRET",
]


@pytest.mark.parametrize("words", SECRET_ARGUMENTS)
def test_a_secret_given_as_an_argument_is_refused_and_not_repeated(filled, words):
    secret = Secrets.new_password
    before = filled.vault.read_bytes()
    unlock = not any(word in words for word in ("password-fd", "recovery-key", "init", "--password SECRET ls")) \
        and words != "SECRET"
    result = filled.run(*[word.replace("SECRET", secret) for word in words.split()], unlock=unlock)
    # 5: `--recovery-key` asks, and here is nobody to be asked; the word after it is a field's name.
    assert result.status in (9, 64) or (result.status == 5 and "--recovery-key SECRET" in words), result
    shown = (result.out + result.err).decode()
    assert f"coffer: error {result.status}: " in shown
    for start in range(0, len(secret) - 7):
        assert secret[start:start + 8].lower() not in shown.lower(), shown
    assert filled.vault.read_bytes() == before


@pytest.mark.parametrize("words", ["get work/vk --password SECRET", "add new --password=SECRET",
                                   "ls --passphrase SECRET", "add new --secret SECRET", "otp add noted --key SECRET"])
def test_an_option_that_would_take_a_secret_is_refused_for_safety(filled, words):
    result = filled.run(*words.replace("SECRET", Secrets.new_password).split())
    assert result.status == 9, result
    assert b"never taken as an argument" in result.err


def test_a_secret_is_not_taken_from_the_environment(filled):
    names = ("COFFER_PASSWORD", "COFFER_MASTER_PASSWORD", "COFFER_PASSPHRASE", "COFFER_KEY", "PASSWORD")
    result = filled.run("get", "work/vk", unlock=False, env={name: Secrets.master for name in names})
    assert result.status == 5, result
    assert Secrets.master.encode() not in result.out + result.err
