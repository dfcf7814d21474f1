/// clouds.yaml and secure.yaml as OpenStack's users write them, and as nobody should.
import CofferConvert
import CofferExchange
import CofferMemory
import CofferModel
import Glibc
import TestSupport
import Testing

private func parse(_ bytes: [UInt8]) -> Result<[CloudSettings], TextFailure> {
    do throws(TextFailure) {
        return .success(try CloudsYAML.parse(bytes.span))
    } catch {
        return .failure(error)
    }
}

private func parse(_ text: String) -> Result<[CloudSettings], TextFailure> { parse(Array(text.utf8)) }

extension CloudSettings {
    /// The name, the settings as `key=value` in their order, and `key…` for structures.
    fileprivate var lines: [String] {
        [name] + values.map { "\($0.key)=\($0.text.plainText)" } + omitted.map { "\($0)…" }
    }
}

private func lines(_ text: String) -> [[String]] {
    switch parse(text) {
    case .success(let clouds): clouds.map(\.lines)
    case .failure(let error): [["\(error)"]]
    }
}

private func failure(_ text: String) -> TextFailure? {
    guard case .failure(let error) = parse(text) else { return nil }
    return error
}

/// VK Cloud's, with a second cloud.
private let vk = """
    # This is a clouds.yaml file, which can be used by OpenStack tools as a source
    clouds:
      openstack:
        auth:
          auth_url: https://infra.mail.ru:35357/v3/
          username: "me@example.com"
          project_id: 0f1e2d3c
          project_name: mcs1234567890
          user_domain_name: "users"
        region_name: RegionOne
        interface: "public"
        identity_api_version: 3
      Продакшн:
        auth_type: v3applicationcredential
        auth: {auth_url: 'https://a.b/v3', application-credential-id: 12e3, application_credential_secret: "s*3\\tcr#t"}
        verify: no
        networks:
          - name: ext
            routes_externally: true
        regions: [One, Two]
        password:
        cacert: ~
    cache: {expiration: {server: 5}}

    """

private let anchored = """
    defaults: &defaults
      auth: &auth
        auth_url: https://a.b/v3
        username: me
      region_name: One
      tenant_name: old
    other: &other {interface: internal, region_name: Never}
    clouds:
      a:
        <<: *defaults
      b:
        region_name: Two
        <<: [*defaults, *other]
      c:
        auth:
          <<: *auth
          username: you
          password: '*auth'
        project_name: new
        tenant_name: gone
        auth_type: v3multifactor
        auth_methods: [v3password, v3totp]
        username: not me

    """

struct CloudsYAMLTests {
    @Test func `clouds are read as OpenStack reads them`() {
        #expect(
            lines(vk) == [
                [
                    "openstack", "auth_url=https://infra.mail.ru:35357/v3/", "username=me@example.com",
                    "project_id=0f1e2d3c", "project_name=mcs1234567890", "user_domain_name=users",
                    "region_name=RegionOne", "interface=public", "identity_api_version=3",
                ],
                [
                    "Продакшн", "auth_url=https://a.b/v3", "application_credential_id=12e3",
                    "application_credential_secret=s*3\tcr#t", "auth_type=v3applicationcredential", "verify=no",
                    "networks…", "regions…",
                ],
            ])
    }

    @Test func `anchors, aliases and merges are honoured`() {
        #expect(
            lines(anchored) == [
                ["a", "auth_url=https://a.b/v3", "username=me", "region_name=One", "project_name=old"],
                [
                    "b", "auth_url=https://a.b/v3", "username=me", "region_name=Two", "interface=internal",
                    "project_name=old",
                ],
                [
                    "c", "username=you", "password=*auth", "auth_url=https://a.b/v3", "project_name=new",
                    "auth_type=v3multifactor", "auth_methods=v3password,v3totp",
                ],
            ])
    }

    @Test func `a byte order mark and Windows line ends change nothing`() {
        for text in [vk, anchored] {
            let lineFeeds = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines("\u{FEFF}" + lineFeeds.joined(separator: "\r\n")) == lines(text))
        }
    }

    @Test(
        arguments: [
            ("clouds: {}", []),
            ("clouds:\n", []),
            ("---\nclouds:\n  a:\n...\n", [["a"]]),
            (
                "clouds: {a: {region_name: x*y, interface: '*', k1: \"*\", k2: \"\\uF800\\u002a\\uf801\"}}",
                [["a", "region_name=x*y", "interface=*", "k1=*", "k2=\u{F800}*\u{F801}"]]
            ),
            (
                "clouds: {a: {k1: \u{F800}, k2: \u{F802}*, k3: !!str 3, k4: ! 4, k5: !!int 5}}",
                [["a", "k1=\u{F800}", "k2=\u{F802}*", "k3=3", "k4=4", "k5=5"]]
            ),
            (
                "clouds:\n  a:\n    k1: |\n      *one\n      two\n    k2: >-\n      *one\n      two\n",
                [["a", "k1=*one\ntwo\n", "k2=*one two"]]
            ),
            ("x: &a 1\nclouds: {a: {k1: *a}}\ny: &a 2\n", [["a", "k1=1"]]),
            ("x: &a 1\ny: &a [*a]\nclouds: {a: {k1: *a}}", [["a", "k1…"]]),
            ("clouds: {a: {k1: '', k2: \"\", k3: 'null', k4: null}}", [["a", "k1=", "k2=", "k3=null"]]),
        ] as [(String, [[String]])])
    func `odd but honest files are read`(text: String, expected: [[String]]) {
        #expect(lines(text) == expected)
    }

    @Test(
        arguments: [
            ("", 1, .noClouds),
            ("a: 1", 1, .noClouds),
            ("clouds", 1, .notAMapping),
            ("- clouds", 1, .notAMapping),
            ("x: 1\nclouds: []", 2, .notAMapping),
            ("clouds:\n  a: text", 2, .notAMapping),
            ("clouds:\n  a:\n    auth: [x]", 3, .notAMapping),
            ("clouds:\n  a:\n    <<: 1", 3, .notAMapping),
            ("clouds: {a: 1, a: 2}", 1, .duplicateKey),
            ("clouds:\n  a:\n    k1: 1\n    \"k1\": 2", 3, .duplicateKey),
            ("a: 1\n---\nclouds: {}", 2, .severalDocuments),
            ("a: [1\nb: 2", 2, .syntax),
            ("a: \"x", 1, .syntax),
            ("a: 1\n  b: 2", 2, .syntax),
            ("a: b: c", 1, .syntax),
            ("\ta: 1", 1, .syntax),
            ("a: 1\nb: *a", 2, .alias),
            ("b: &a [*a]", 1, .alias),
            ("b: &a {x: {y: *a}}", 1, .alias),
            ("x: &a 1\ny: &b *a", 2, .alias),
            ("x: &a 1\ny: *a b", 2, .alias),
            ("x: &a k\n*a : 1", 2, .name),
            ("? [a, b]\n: 1", 1, .name),
            ("{{a: 1}: 2}", 1, .name),
            ("clouds: {a: {'k 1': 2}}", 1, .name),
            ("clouds: {'': {}}", 1, .name),
            ("clouds:\n  a: {k1: !vault x}", 2, .tag),
            ("clouds:\n  a: {k1: !!binary eA==}", 2, .tag),
            ("a: 1\nb: \u{0}", 2, .controlCharacter),
            ("a: 1\nb: \u{7F}", 2, .controlCharacter),
            ("clouds:\n  a: {k1: \"\\0\"}", 2, .controlCharacter),
            ("clouds:\n  a: {k1: \"\\e\"}", 2, .controlCharacter),
            ("a: 1\nb: \u{FFFF}", 2, .controlCharacter),
            ("clouds:\n  \"a\\b\": {}", 2, .name),
        ] as [(String, Int, TextRefusal)])
    func `what is no list of clouds is refused with its line`(
        text: String, line: Int, reason: TextRefusal
    ) {
        #expect(failure(text) == TextFailure(line: line, reason: reason))
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        guard case .failure(let error) = parse(Array("a: ".utf8) + [0xC3, 0x28]) else {
            Issue.record("not refused")
            return
        }
        #expect(error.reason == .notUTF8)
    }

    @Test func `a file beyond a limit is refused by that limit`() {
        let long = "clouds: {}\n" + String(repeating: "#", count: CloudsYAML.textCount - 11)
        #expect(failure(long) == nil)
        #expect(failure(long + "#")?.reason == .tooLong)
        func clouds(_ count: Int) -> String { "clouds:\n" + (0..<count).map { "  c\($0): {}\n" }.joined() }
        #expect(failure(clouds(256)) == nil)
        #expect(failure(clouds(257)) == TextFailure(line: 258, reason: .tooManyNodes))
        func values(_ count: Int) -> String {
            "clouds:\n  a:\n" + (0..<count).map { "    k\($0): 1\n" }.joined()
        }
        #expect(failure(values(256)) == nil)
        #expect(failure(values(257)) == TextFailure(line: 259, reason: .tooManyNodes))
        let value = String(repeating: "x", count: CloudSettings.valueCount)
        #expect(failure("clouds: {a: {k: \(value)}}") == nil)
        #expect(failure("clouds: {a: {k: \(value)x}}")?.reason == .tooMuch)
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(failure("x: \(nested(15))\nclouds: {}") == nil)
        #expect(failure("x: \(nested(16))\nclouds: {}")?.reason == .tooDeep)
        let chain = "x: &a \(nested(8))\ny: &b [[[[[[[*a]]]]]]]\nclouds: {}"
        #expect(failure(chain) == nil)
        #expect(failure("x: &a \(nested(8))\ny: [[[[[[[[*a]]]]]]]]")?.reason == .tooDeep)
    }

    @Test func `aliases that explode are refused where they pass the limit`() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<10 {
            let again = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            bomb += "a\(level): &a\(level) [\(again)]\n"
        }
        #expect(
            failure(bomb + "clouds: {}")
                == TextFailure(line: 5, reason: .tooManyNodes))
        // As keys, which a reader hashes.
        var keys = "a0: &a0 [x, x]\n"
        for level in 1..<14 { keys += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(failure(keys + "? [*a13, *a13]\n: 1")?.reason == .name)
        var merges = "m0: &m0 {k0: 1}\n"
        for level in 1..<2_000 { merges += "m\(level): &m\(level) {<<: *m\(level - 1), k\(level): 1}\n" }
        #expect(failure(merges)?.reason == .tooManyNodes)
    }

    @Test func `files made to take long are read or refused in moments`() {
        let units = [
            "[", "{", "[{", "- ", "? ", "{a: ", "[a, ", "\"", "'", "&a ", "!", "a,", "a: 1\n", "\n ", "*a ", "- a\n",
            "[],", "{}: ", "[? ", "%", "|\n", "]",
        ]
        for unit in units {
            let text = String(repeating: unit, count: CloudsYAML.textCount / 4 / unit.utf8.count)
            let seconds = computingSeconds { _ = parse(text) }
            #expect(seconds < 10, "\(unit) took \(seconds) s")
        }
        // As deep as libyaml goes, and then wide: every token looks at what is open.
        let deep = String(repeating: "[", count: 990) + String(repeating: "a,", count: 190_000)
        // Keys that are structures, each hashed with all that is in it.
        let keys =
            String(repeating: "{", count: 400) + String(repeating: "a,", count: 190_000)
            + String(repeating: "}: a}", count: 400)
        for text in [deep, keys] {
            let seconds = computingSeconds { _ = parse(text) }
            #expect(seconds < 10, "took \(seconds) s")
        }
    }

    @Test func `a cut or changed file never traps, and what is read can be encoded`() throws {
        var seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let special = Array("'\"\\&*!{}[],:?|>-%@`# \n\t<~".utf8) + [0xEF, 0xA0, 0x80, 0xFF, 0]
        for text in [vk, anchored] {
            let bytes = Array(text.utf8)
            for count in stride(from: 0, to: bytes.count, by: 3) { _ = parse(Array(bytes.prefix(count))) }
            for _ in 0..<1_000 {
                var changed = bytes
                for _ in 0...next(4) { changed[next(bytes.count)] = special[next(special.count)] }
                guard case .success(let clouds) = parse(changed) else { continue }
                #expect(try [CloudSettings].decode(SecretArena(clouds.encoded())) == clouds)
            }
        }
    }

    @Test func `what Coffer writes is read again`() {
        var cloud = CloudSettings(name: "no")
        let odd = "\" \\ \n\t # : \u{2028}\u{FEFF}\u{202E}\u{1F511}ж *x &y ~"
        for key in ["auth_url", "password", "region_name", "verify", "no"] {
            cloud.set(key, SecretSlice(copying: Array(odd.utf8)))
        }
        cloud.set("auth_methods", SecretSlice(copying: Array("v3password,v3totp".utf8)))
        var texts = [SecretSlice(CloudText.publicPart(cloud)).plainText]
        if let secret = CloudText.secretPart(cloud) { texts.append(SecretSlice(secret).plainText) }
        let both = texts.compactMap { try? parse($0).get() }
        #expect(both.count == 2)
        let merged = both[0].merging(secure: both[1])
        #expect(merged?.count == 1)
        #expect(merged?.first.map { Set($0.lines) } == Set(cloud.lines))
    }
}
