# Functions that the scripts share: installing packages, and building the one static program.
# Source this file from a bash script that runs under `set -euo pipefail`.

# What the program is built from.
BUILD_PACKAGES=(
    binutils git libpng-dev libqrencode-dev libseccomp-dev libsodium-dev libssl-dev libturbojpeg0-dev libutf8proc-dev
    libzbar-dev
)

# What the tests use besides. They run with Debian's /usr/bin/python3, whatever python3 comes first in PATH.
# Debian's PyCryptodome is the module Cryptodome (not Crypto).
TEST_PACKAGES=(
    fish gcc groff-base libc6-dev mount oathtool pinentry-curses pinentry-tty procps python3 python3-argon2
    python3-pexpect python3-pil python3-pycryptodome python3-pytest python3-pytest-timeout python3-pytest-xdist
    python3-yaml strace systemd util-linux qrencode xclip xsel xvfb zbar-tools zsh
)

PYTHON=/usr/bin/python3

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$(basename "$0"): $*"
    exit 1
}

# Installs those of the named Debian packages that are missing. Asks nothing and changes nothing when none is.
install_packages() {
    local package missing=() as_root=()
    if ! command -v dpkg-query >/dev/null; then
        say "This is not a Debian system: install what matches these packages yourself: $*"
        return 0
    fi
    for package in "$@"; do
        if [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
            missing+=("$package")
        fi
    done
    if [[ ${#missing[@]} -eq 0 ]]; then return 0; fi
    if [[ $EUID -ne 0 ]]; then
        command -v sudo >/dev/null || die "these packages are missing, and installing them needs root: ${missing[*]}"
        as_root=(sudo)
        # Without a terminal sudo must not ask for a password: it would wait for ever.
        [[ -t 0 ]] || as_root=(sudo -n)
    fi
    say "Installing: ${missing[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 </dev/null ||
        say "apt-get update failed; trying with the package lists that are there."
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        "${missing[@]}" >&2 </dev/null || die "could not install: ${missing[*]}"
}

require_swift() {
    local needed="Coffer needs the Swift toolchain, 6.3 or later: https://www.swift.org/install/linux/" version
    command -v swift >/dev/null || die "swift is not in PATH. $needed"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    read -r major minor <<<"${version:-0 0}"
    [[ $major -gt 6 || ($major -eq 6 && $minor -ge 3) ]] || die "this is Swift $major.$minor. $needed"
}

# Where build_static leaves the stripped programs, below the top of the tree: coffer, and beside it coffer-agent and
# coffer-convert.
STATIC_PROGRAM=.build-static/stripped/coffer
STATIC_PROGRAMS=(coffer coffer-agent)

# Builds the release programs, strips them, and refuses one of the static executables that needs a library.
build_static() {
    local program
    # Compiled modules remember where they lay: a tree that was moved is built anew.
    if [[ -d .build-static && "$(cat .build-static/.place 2>/dev/null)" != "$PWD" ]]; then rm -rf .build-static; fi
    mkdir -p .build-static/tmp "$(dirname "$STATIC_PROGRAM")"
    printf '%s\n' "$PWD" >.build-static/.place
    for program in "${STATIC_PROGRAMS[@]}"; do
        # The linker warns of functions in Swift's libraries that a static program cannot use, and Coffer does not.
        TMPDIR=$PWD/.build-static/tmp swift build -c release --product "$program" -Xswiftc -static-executable \
            --scratch-path .build-static 2>&1 | { grep -vE "warning: (Using|the use of) .* (statically linked|is dangerous)" || true; } >&2
        # Stripped into a copy: the build system keeps its own file and has nothing to link again.
        strip -o "$(dirname "$STATIC_PROGRAM")/$program" ".build-static/release/$program"
        require_static "$(dirname "$STATIC_PROGRAM")/$program"
        require_no_libcrypto_start ".build-static/release/$program"
    done
    build_convert
    rm -rf .build-static/tmp
}

# coffer-convert needs libraries of which there are no static ones; only Swift's own are linked into it. A tree of its own: built
# with other flags in the same one, everything would be compiled anew each time.
build_convert() {
    TMPDIR=$PWD/.build-static/tmp swift build -c release --product coffer-convert --static-swift-stdlib \
        --scratch-path .build-static/convert >&2
    strip -o "$(dirname "$STATIC_PROGRAM")/coffer-convert" .build-static/convert/release/coffer-convert
}

# Ends the script unless the program needs no dynamic library and no program loader.
require_static() {
    local needed
    needed=$({ readelf -d -W "$1" | grep -F '(NEEDED)'; readelf -l -W "$1" | grep -E '^ *INTERP'; } || true)
    [[ -z "$needed" ]] || die "$1 is not static: $needed"
}

# Ends the script if the program (not stripped) can initialise libcrypto, which takes most of a millisecond: the SHA functions
# that are used need no initialisation.
require_no_libcrypto_start() {
    ! nm "$1" | grep -qE ' [Tt] OPENSSL_init_crypto$' || die "$1 links libcrypto's initialisation"
}
