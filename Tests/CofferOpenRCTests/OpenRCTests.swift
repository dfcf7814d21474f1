/// openrc files as services hand them out, and as nobody should: read without being run.
import CofferExchange
import CofferMemory
import CofferOpenRC
import CofferModel
import Glibc
import TestSupport
import Testing

private func parse(_ bytes: [UInt8]) -> Result<OpenRC, TextFailure> {
    do throws(TextFailure) {
        return .success(try OpenRC.parse(bytes.span))
    } catch {
        return .failure(error)
    }
}

private func parse(_ text: String) -> Result<OpenRC, TextFailure> { parse(Array(text.utf8)) }

private func lines(_ text: String) -> [String] {
    switch parse(text) {
    case .success(let file):
        file.settings.values.map { "\($0.key)=\($0.text.plainText)" } + file.open.map { "\($0)?" }
    case .failure(let error): ["\(error)"]
    }
}

private func failure(_ text: String) -> TextFailure? {
    guard case .failure(let error) = parse(text) else { return nil }
    return error
}

private func failure(_ line: Int, _ reason: TextRefusal) -> TextFailure {
    TextFailure(line: line, reason: reason)
}

/// VK Cloud's, with a second factor by password of an application.
private let vk = """
    #!/usr/bin/env bash
    # To use an OpenStack cloud you need to authenticate against the Identity service.
    export OS_AUTH_URL="https://infra.mail.ru:35357/v3/"

    # With the addition of Keystone we have standardized on the term project.
    export OS_PROJECT_ID="0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    export OS_REGION_NAME="RegionOne"
    if [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi
    export OS_INTERFACE="public"
    export OS_IDENTITY_API_VERSION=3

    if [ -z "$OS_USERNAME" ] || [ -z "$OS_PASSWORD" ] || [ -z "$OS_USER_DOMAIN_NAME" ]; then
        export OS_USERNAME="me@example.com"; export OS_USER_DOMAIN_NAME="users"
        echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
        read -sr OS_PASSWORD_INPUT
        export OS_PASSWORD=$OS_PASSWORD_INPUT
    fi

    """

private let vkLines = [
    "auth_url=https://infra.mail.ru:35357/v3/", "project_id=0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "region_name=RegionOne", "interface=public", "identity_api_version=3", "username=me@example.com",
    "user_domain_name=users", "password?",
]

/// Horizon's, as its template writes it.
private let horizon = """
    #!/usr/bin/env bash
    # To use an OpenStack cloud you need to authenticate against the Identity
    # service named keystone, which returns a **Token** and **Service Catalog**.
    # *NOTE*: Using the 3 *Identity API* does not necessarily mean any other
    # OpenStack API is version 3. It's `only` for $(the Identity API) endpoint.
    export OS_AUTH_URL=https://cloud.example.com:5000/v3
    export OS_PROJECT_ID=aabbccdd
    export OS_PROJECT_NAME="demo project"
    export OS_USER_DOMAIN_NAME="Default"
    if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
    export OS_PROJECT_DOMAIN_ID="default"
    if [ -z "$OS_PROJECT_DOMAIN_ID" ]; then unset OS_PROJECT_DOMAIN_ID; fi
    # unset v2.0 items in case set
    unset OS_TENANT_ID
    unset OS_TENANT_NAME
    # In addition to the owning entity (tenant), OpenStack stores the entity
    # performing the action as the **user**.
    export OS_USERNAME="demo"
    # With Keystone you pass the keystone password.
    echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
    read -sr OS_PASSWORD_INPUT
    export OS_PASSWORD=$OS_PASSWORD_INPUT
    # If your configuration has multiple regions, we set that information here.
    # OS_REGION_NAME is optional and only valid in certain environments.
    export OS_REGION_NAME=""
    # Don't leave a blank variable, unset it if it was empty
    if [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi
    export OS_INTERFACE=public
    export OS_IDENTITY_API_VERSION=3

    """

private let horizonLines = [
    "auth_url=https://cloud.example.com:5000/v3", "project_id=aabbccdd", "project_name=demo project",
    "user_domain_name=Default", "project_domain_id=default", "username=demo", "interface=public",
    "identity_api_version=3", "password?",
]

struct OpenRCTests {
    @Test func `the files of VK Cloud and Horizon are understood`() {
        #expect(lines(vk) == vkLines)
        #expect(lines(horizon) == horizonLines)
    }

    @Test func `a byte order mark and Windows line ends change nothing`() {
        for text in [vk, horizon] {
            let windows =
                "\u{FEFF}" + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
            #expect(lines(windows) == lines(text))
        }
    }

    @Test(
        arguments: [
            ("OS_A=plain", ["a=plain"]),
            ("export OS_A=1 OS_B=2; OS_C=3 OS_D=$OS_C", ["a=1", "b=2", "c=3", "d=3"]),
            (
                #"OS_A="a \"q\" \$x \\ \n \`"; OS_B='a "q" $x \ `y` $(z)'"#,
                [#"a=a "q" $x \ \n `"#, #"b=a "q" $x \ `y` $(z)"#]
            ),
            (##"OS_A=a\ b\#c\"; OS_B=it\'s"##, [#"a=a b#c""#, "b=it's"]),
            ("OS_A=x#y # OS_B=2\n#OS_C=3", ["a=x#y"]),
            ("OS_A=a'b'\"c\"d", ["a=abcd"]),
            ("OS_A=one\\\ntwo; \\\n export \\\r\nOS_B=\"three\\\nfour\"", ["a=onetwo", "b=threefour"]),
            ("OS_A='two\r\nlines'", ["a=two\nlines"]),
            ("export 'OS_A=1' \"OS_B=2\"", ["a=1", "b=2"]),
            ("OS_A=; OS_B=''", ["a=", "b="]),
            ("OS_A=1; OS_A=2", ["a=2"]),
            ("OS_A=1; OS_A+=2; OS_B+=3; export OS_B+=4", ["a=12", "b=34"]),
            ("OS_A=a$; OS_B=\"$ \"; OS_C=a=b", ["a=a$", "b=$ ", "c=a=b"]),
            ("OS_A=x~/x; OS_B=*", ["a=x~/x", "b=*"]),
            // To the shell these are two variables.
            ("OS_A=good; OS_a=evil", ["a=good"]),
            ("OS_A=1; if x; then echo no; exit 1; fi; OS_B=2", ["a=1", "b=2"]),
            ("OS_A=пароль", ["a=пароль"]),
            ("HOST=h; OS_AUTH_URL=https://$HOST:5000/${HOST}/v3", ["auth_url=https://h:5000/h/v3"]),
            ("OS_A=$NOBODY; OS_B=x${OS_A}y", ["a?", "b?"]),
            (
                "OS_A=${OS_A:-one}; OS_B=${OS_A:-two}; OS_C=; OS_D=${OS_C-x}${OS_C:-y z}",
                ["a=one", "b=one", "c=", "d=y z"]
            ),
            ("OS_A=${B:+x} OS_C=${#D} OS_E=$1$?${!F}", ["a?", "c?", "e?"]),
            ("unset A; OS_A=\"[$A]\"", ["a=[]"]),
            ("OS_A=1; unset OS_A", []),
            ("OS_A=1; unset -f OS_A; unset -v OS_B", ["a=1"]),
            (
                "export OS_A=1; export -p OS_B=2; \\export OS_D=4",
                ["a=1", "b=2", "d=4"]
            ),
            // Not for the shell itself.
            ("OS_A=1 program; OS_B=2 export OS_C=3; OS_D=0; OS_D=1 x $OS_D; OS_E=$OS_D", ["c=3", "d=0", "e=0"]),
            ("program OS_A=1 --x=OS_B; echo 'OS_C=3' > OS_D=4 2>&1; OS_E=5 2>/dev/null; OS_F=6>x", ["e=5", "f=6"]),
            ("export -p; export; export OS_A; set -a; OS_B=1; set +a", ["b=1"]),
            // What is asked for.
            ("read OS_A; read -sp 'Name: ' OS_B OS_C; read -s -p OS_X OS_D; read", ["a?", "b?", "c?", "d?"]),
            ("printf -v OS_A %s x; printf OS_B=1; for OS_C in a b; do OS_D=$OS_C; done", ["a?", "c?", "d?"]),
            ("OS_A=1; read OS_A", ["a?"]),
            ("export \"OS_PASSWORD=$OS_PASSWORD_INPUT\"", ["password?"]),
            // Under a condition.
            ("OS_A=1; if true; then OS_A=2; OS_B=3; else OS_B=4; fi; OS_C=5", ["a=1", "b=3", "c=5"]),
            ("OS_A=1; [ -z \"$OS_A\" ] && export OS_A=2\nOS_A=3", ["a=3"]),
            ("OS_A=1; test x ||\n OS_A=2; OS_B=; test y && unset OS_B && unset OS_A", ["a=1"]),
            ("OS_A=1; if x; then unset OS_A; fi; if y\nthen read OS_A; fi", ["a=1"]),
            ("case $X in\n a|b) OS_A=1;; *) OS_A=2 ;;\nesac; while read OS_B; do OS_C=1; done", ["a=1", "c=1", "b?"]),
            ("if ! [[ -n $A ]] && { x; }; then OS_A=1; elif y; then OS_B=2; fi", ["a=1", "b=2"]),
            ("'if' x; \"fi\"", []),
            // Names.
            (
                "OS_TENANT_NAME=old; OS_PROJECT_NAME=new; OS_TENANT_ID=only; OS_ENDPOINT_TYPE=publicURL",
                ["project_name=new", "project_id=only", "interface=publicURL"]
            ),
            (
                "OS_PROJECT_ID=new; unset OS_TENANT_ID; OS_CLOUD=mine; OS_PASSWORD_INPUT=x; HOME=/; OS_=1; PS1=x",
                ["project_id=new"]
            ),
            ("1OS_A=1; OS-A=1; =x", []),
        ] as [(String, [String])])
    func `settings are what a shell would set`(text: String, expected: [String]) {
        #expect(lines(text) == expected)
    }

    @Test(
        arguments: [
            ("\nOS_A=$(id)", 2, .commandSubstitution),
            ("OS_A=\"x\n$(id)\"", 2, .commandSubstitution),
            ("OS_A=`id`", 1, .commandSubstitution),
            ("echo \"`id`\"", 1, .commandSubstitution),
            ("OS_A=$((1 + 1))", 1, .commandSubstitution),
            ("OS_A=${B:-$(id)}", 1, .commandSubstitution),
            ("OS_A=${B:-`id`}", 1, .commandSubstitution),
            ("cat <(id)", 1, .commandSubstitution),
            ("cat >(id)", 1, .commandSubstitution),
            ("if $(id); then x; fi", 1, .commandSubstitution),
            ("$(id)", 1, .commandSubstitution),
            ("\ncat <<EOF\nOS_A=1\nEOF", 2, .hereDocument),
            ("cat <<-'EOF'", 1, .hereDocument),
            ("read OS_A <<<x", 1, .hereDocument),
            ("\nOS_A='x\n\n", 2, .unbalanced),
            ("OS_A=\"x\n", 1, .unbalanced),
            ("OS_A=\"x\\\"", 1, .unbalanced),
            ("OS_A=${B", 1, .unbalanced),
            ("OS_A=${", 1, .unbalanced),
            ("OS_A=${B:-", 1, .unbalanced),
            ("\nif x; then\nOS_A=1", 2, .unbalanced),
            ("x\nfi", 2, .unbalanced),
            ("while x; do y; fi", 1, .unbalanced),
            ("f() { OS_A=1; }", 1, .function),
            ("f () { OS_A=1; }", 1, .function),
            ("function f { OS_A=1; }", 1, .function),
            ("(OS_A=1)", 1, .parenthesis),
            ("OS_A=(1 2)", 1, .parenthesis),
            ("OS_A=()", 1, .parenthesis),
            ("\n. ./other.sh", 2, .otherFile),
            ("source other.sh", 1, .otherFile),
            ("if x; then source other.sh; fi", 1, .otherFile),
            // What comes behind these is not what a shell would set.
            ("OS_A=good\nreturn 0\nOS_A=evil", 2, .unknownCommand), ("OS_A=good\nexit\nOS_A=evil", 2, .unknownCommand),
            ("exec true; OS_A=evil", 1, .unknownCommand), ("true | export OS_A=evil", 1, .unknownCommand),
            ("{ export OS_A=evil; } | cat", 1, .unknownCommand), ("export OS_A=evil &", 1, .unknownCommand),
            ("readonly OS_A; OS_A=evil", 1, .unknownCommand), ("local OS_A=evil", 1, .unknownCommand),
            ("declare -i OS_A=3+4", 1, .unknownCommand), ("command -v export OS_A=evil", 1, .unknownCommand),
            ("printf -vOS_A evil", 1, .unknownCommand), ("time -p export OS_A=evil", 1, .unknownCommand),
            ("trap 'export OS_A=evil' RETURN", 1, .unknownCommand), ("export OS_CACERT=~/ca.pem", 1, .expansion),
            ("OS_A=a:~/b", 1, .expansion), ("export OS_A=$[1+1]", 1, .expansion),
            ("export OS_A=a{b,c}", 1, .expansion), (": ${OS_B:=made}", 1, .expansion),
            ("x && so'ur'ce other.sh", 1, .otherFile),
            ("eval OS_A=1", 1, .unknownCommand),
            ("$X OS_A=1", 1, .unknownCommand),
            ("X=export; $X OS_A=1", 1, .unknownCommand),
            ("export $X", 1, .unknownCommand),
            ("A='OS_Y=1 OS_X=2'; export $A", 1, .expansion),
            ("OS_X[0]=q", 1, .parenthesis),
            ("OS_A=1\nOS_X[n+1]+=q", 2, .parenthesis),
            ("export \"$X=1\"", 1, .unknownCommand),
            ("read $X", 1, .unknownCommand),
            ("OS_A=$'x'", 1, .expansion),
            ("OS_A=$\"x\"", 1, .expansion),
            ("OS_A=${B:-'x'}", 1, .expansion),
            ("OS_A=${B:-${C}}", 1, .expansion),
            ("OS_A=1\nOS_B=\u{1B}[2J", 2, .controlCharacter),
            ("OS_A=1\n\n#\u{0}", 3, .controlCharacter),
            ("OS_A=1\rOS_B=2", 1, .controlCharacter),
            ("OS_A='\u{85}'", 1, .controlCharacter),
        ] as [(String, Int, TextRefusal)])
    func `what only running the file would tell is refused with its line`(
        text: String, line: Int, reason: TextRefusal
    ) {
        #expect(failure(text) == failure(line, reason))
    }

    @Test func `bytes that are no UTF-8 are refused with their line`() {
        guard case .failure(let error) = parse(Array("OS_A=1\nOS_B=".utf8) + [0xC3, 0x28]) else {
            Issue.record("not refused")
            return
        }
        #expect(error == failure(2, .notUTF8))
    }

    @Test func `a file beyond a limit is refused by that limit`() {
        let long = String(repeating: "#", count: OpenRC.textCount)
        #expect(failure(long) == nil)
        #expect(failure(long + "#") == failure(1, .tooLong))
        let many = (0..<1_000).map { "V\($0)=" }.joined(separator: "\n")
        #expect(failure(many) == nil)
        #expect(failure(many + "\nV1=\nW=") == failure(1_002, .tooMuch))
        let clouds = (0..<257).map { "OS_V\($0)=\n" }.joined()
        #expect(failure(clouds) == failure(258, .tooMuch))
        let value = String(repeating: "x", count: CloudSettings.valueCount)
        #expect(failure("OS_A=\(value)") == nil)
        #expect(failure("OS_A=\(value)x") == failure(1, .tooMuch))
        #expect(failure("OS_A=\(value)\nOS_A+=x") == failure(2, .tooMuch))
        #expect(failure("OS_" + String(repeating: "A", count: 55) + "=1") == failure(1, .tooMuch))
    }

    @Test func `values that put in others until they are large are refused`() {
        let seed = "A=" + String(repeating: "x", count: 60_000)
        let doubling = "A=0123456789\n" + String(repeating: "A=$A$A\n", count: 60)
        #expect(failure(doubling)?.reason == .tooMuch)
        let many = seed + "\n" + String(repeating: "B=$A\n", count: 30)
        #expect(failure(many) == failure(19, .tooMuch))
        let passedOver = seed + "\n" + String(repeating: "echo $A\n", count: 30)
        #expect(failure(passedOver) == failure(19, .tooMuch))
        let appending = seed + "\n" + String(repeating: "C=1; C+=$A\n", count: 30)
        #expect(failure(appending)?.reason == .tooMuch)
    }

    @Test func `files made to take long are read or refused in moments`() {
        for unit in [
            "if x;", "\"$A", "${A:-", "A=1 ", "A=$A ", "{ ", "((", "\\\n", "case x in ", "x&&", "'", "unset A\n",
        ] {
            let text = String(repeating: unit, count: OpenRC.textCount / 4 / unit.utf8.count)
            let seconds = computingSeconds { _ = parse(text) }
            #expect(seconds < 10, "\(unit) took \(seconds) s")
        }
    }

    @Test func `a cut or changed file never traps, and what is read can be encoded`() throws {
        var random = SeededRandom()
        print("seed \(random.seed)")
        let special = Array("'\"\\$`{}()<>;&|#=\n \u{0}\u{80}".utf8) + [0xFF]
        for text in [vk, horizon] {
            let bytes = Array(text.utf8)
            for count in stride(from: 0, to: bytes.count, by: 7) { _ = parse(Array(bytes.prefix(count))) }
            for _ in 0..<1_000 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    changed[Int.random(in: 0..<bytes.count, using: &random)] = special.randomElement(using: &random)!
                }
                guard case .success(let file) = parse(changed) else { continue }
                let encoded = SecretArena([file.settings].encoded())
                #expect(try [CloudSettings].decode(encoded) == [file.settings])
            }
        }
    }
}
