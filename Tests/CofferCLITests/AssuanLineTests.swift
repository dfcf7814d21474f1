/// Tests that lines of the Assuan protocol are read exactly, within their limits, and refused otherwise.
import CofferCLI
import CofferMemory
import Glibc
import Testing

struct AssuanLineTests {
    private static func reply(_ line: String) throws(AssuanLine.Fault) -> AssuanLine.Reply {
        try AssuanLine.parse(Array(line.utf8).span)
    }

    private static func fault(_ work: () throws(AssuanLine.Fault) -> Void) -> AssuanLine.Fault? {
        do {
            try work()
            return nil
        } catch {
            return error
        }
    }

    private static func parseFault(_ line: String) -> AssuanLine.Fault? {
        fault { () throws(AssuanLine.Fault) in _ = try reply(line) }
    }

    private static func decoded(_ text: String) throws(AssuanLine.Fault) -> String {
        var bytes = Array("<\(text)>".utf8)
        var span = bytes.mutableSpan
        let count = try AssuanLine.decode(&span, 1..<text.utf8.count + 1)
        // What lies behind the range stays.
        #expect(bytes.first == UInt8(ascii: "<") && bytes.last == UInt8(ascii: ">"))
        return String(decoding: bytes[1..<1 + count], as: UTF8.self)
    }

    private static func encoded(_ text: String, countMaximum: Int = 1000) -> String {
        var sink = PrivateBuilder()
        AssuanLine.append(parameter: text.utf8Span.span, to: &sink, countMaximum: countMaximum)
        return sink.text()
    }

    @Test(arguments: [
        ("OK", AssuanLine.Reply.ok), ("OK Pleased to meet you", .ok), ("OK ", .ok), ("D ", .data(2..<2)),
        ("D a b", .data(2..<5)), ("S", .aside), ("S PROGRESS x", .aside), ("#", .aside), ("# words", .aside),
        ("ERR 0", .error(code: 0)), ("ERR 83886179 Operation cancelled", .error(code: 83_886_179)),
        ("ERR 4294967295", .error(code: .max)),
    ])
    func `every answer is told apart`(_ line: String, _ expected: AssuanLine.Reply) throws {
        #expect(try Self.reply(line) == expected)
    }

    @Test(arguments: [
        ("", AssuanLine.Fault.unknown), ("D", .unknown), ("DATA", .unknown), ("OKAY", .unknown), ("ok", .unknown),
        ("INQUIRE x", .unknown), ("END", .unknown), (" OK", .unknown), ("ERR", .number), ("ERR ", .number),
        ("ERR x", .number), ("ERR -1", .number), ("ERR 1x", .number), ("ERR 4294967296", .number),
        ("ERR 99999999999999999999", .number),
    ])
    func `what is no answer is refused`(_ line: String, _ expected: AssuanLine.Fault) {
        #expect(Self.parseFault(line) == expected)
    }

    @Test func `a line has at most 1,000 bytes`() throws {
        #expect(try Self.reply("D " + String(repeating: "x", count: 998)) == .data(2..<1000))
        #expect(Self.parseFault("D " + String(repeating: "x", count: 999)) == .tooLong)
        #expect(Self.parseFault("#" + String(repeating: "x", count: 1000)) == .tooLong)
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("%25", "%"), ("%41%62", "Ab"), ("a%0Ab%0dc", "a\nb\rc"), ("%2525", "%25"),
        ("%c3%A9", "é"), ("+", "+"),
    ])
    func `escapes stand for one byte each`(_ text: String, _ expected: String) throws {
        #expect(try Self.decoded(text) == expected)
    }

    @Test(arguments: ["%", "%4", "a%", "a%4", "%4g", "%g4", "%%", "%-1", "% 1", "%+1", "%0x"])
    func `an escape without two digits is refused`(_ text: String) {
        #expect(Self.fault { () throws(AssuanLine.Fault) in _ = try Self.decoded(text) } == .escape)
    }

    @Test func `a parameter cannot end its line, and reads back`() throws {
        let text = "a\nb\r%\u{0}\u{7F}é"
        #expect(Self.encoded(text) == "a%0Ab%0D%25%00%7Fé")
        #expect(try Self.decoded(Self.encoded(text)) == text)
    }

    @Test func `a parameter that is too long is cut between characters`() {
        #expect(Self.encoded("12345678", countMaximum: 8) == "12345678")
        #expect(Self.encoded("123456789", countMaximum: 8) == "12345…")
        #expect(Self.encoded("1234é5678", countMaximum: 8) == "1234…")
        #expect(Self.encoded("1234%5678", countMaximum: 8) == "1234…")
        #expect(Self.encoded("12%345678", countMaximum: 8) == "12%25…")
    }

    // MARK: Lines out of pieces

    /// All answers of the pieces, and the fault that ended them.
    private static func read(_ pieces: [String]) -> (replies: [AssuanLine.Reply], fault: AssuanLine.Fault?) {
        var reader = AssuanReader()
        var replies: [AssuanLine.Reply] = []
        for piece in pieces {
            let pipe = Pipe(holding: piece)
            do throws(AssuanLine.Fault) {
                repeat {
                    while let reply = try reader.nextReply() { replies.append(reply) }
                } while reader.read(from: pipe.readEnd) > 0
            } catch {
                return (replies, error)
            }
        }
        return (replies, nil)
    }

    @Test func `lines are put together from pieces and told apart`() {
        #expect(Self.read(["O", "K\nOK x\r", "\n# y\nD", " z\n"]).replies == [.ok, .ok, .aside, .data(2..<3)])
        #expect(Self.read(["OK"]).replies == [])
    }

    @Test func `a line of the greatest length is read, and one without end refused`() {
        let line = "D " + String(repeating: "x", count: 998)
        #expect(Self.read([line + "\r\n" + line + "\n"]).replies == [.data(2..<1000), .data(2..<1000)])
        #expect(Self.read([String(repeating: "x", count: 1002)]).fault == .tooLong)
        #expect(Self.read([line + "x\n"]).fault == .tooLong)
    }

    @Test func `data is decoded into the answer as far as it may be long`() throws {
        var reader = AssuanReader()
        let pipe = Pipe(holding: "D a%25b\nD c\nD %zz\n")
        _ = reader.read(from: pipe.readEnd)
        var answer = SecretBuilder(capacity: 4)
        guard case .data(let first)? = try reader.nextReply() else { throw AssuanLine.Fault.unknown }
        let isDrainedEarly = reader.isDrained
        let hasFitted = try reader.append(first, to: &answer, countMaximum: 3)
        #expect(!isDrainedEarly && hasFitted)
        #expect(text(answer.span) == "a%b")
        guard case .data(let second)? = try reader.nextReply() else { throw AssuanLine.Fault.unknown }
        let isTooLong = try !reader.append(second, to: &answer, countMaximum: 3)
        #expect(isTooLong)
        #expect(text(answer.span) == "a%b")
        guard case .data(let third)? = try reader.nextReply() else { throw AssuanLine.Fault.unknown }
        let isDrained = reader.isDrained
        #expect(isDrained)
        do throws(AssuanLine.Fault) {
            _ = try reader.append(third, to: &answer, countMaximum: 9)
            Issue.record("a wrong escape was read")
        } catch {
            #expect(error == .escape)
        }
    }
}
