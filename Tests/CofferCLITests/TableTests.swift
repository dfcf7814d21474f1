/// Tests lists: aligned and cut for a person, one exact line a row for a pipe, and quick.
import CofferCLI
import CofferMemory
import Testing

struct TableTests {
    private static func shown(_ output: Output, _ rows: [[String]], _ headings: [String] = ["TITLE", "USER"]) -> String
    {
        var table = Table(headings, for: output)
        for row in rows { for cell in row { table.cell(cell) } }
        var sink = PrivateBuilder()
        table.append(to: &sink)
        return sink.text()
    }

    @Test func `columns line up by what is seen, not by bytes`() {
        #expect(
            Self.shown(.terminal(), [["почта", "анна"], ["密码", "u"], ["e\u{301}", "x"], ["mail", ""]])
                == """
                TITLE  USER
                почта  анна
                密码   u
                e\u{301}      x
                mail   \u{20}

                """.replacingTrailingSpace())
    }

    @Test func `cells are cut to the terminal's width, and wide characters never in half`() {
        let shown = Self.shown(
            .terminal(columns: 20),
            [[String(repeating: "密", count: 30), String(repeating: "u", count: 40)], ["a", "b"]])
        let lines = shown.split(separator: "\n").map(String.init)
        #expect(lines[1] == "密密密密…  uuuuuuuu…")
        #expect(lines[2] == "a          b")
    }

    @Test func `a hostile cell makes neither a row nor a colour`() {
        #expect(
            Self.shown(.terminal(), [["line1\nFAKE ROW", "\u{1B}[31m"]])
                == "TITLE            USER\nline1\\nFAKE ROW  \\u{1B}[31m\n")
    }

    @Test func `for a pipe a row is one line of exact cells`() {
        #expect(
            Self.shown(.pipe(), [["work/vk \u{202E}", "anna"], ["a\tb\nc\r\u{0}d", ""]])
                == "work/vk \u{202E}\tanna\na\\tb\\nc\\r\\0d\t\n")
    }

    @Test func `an empty table is nothing`() {
        #expect(Self.shown(.terminal(), []) == "")
        #expect(Self.shown(.pipe(), []) == "")
    }

    @Test func `a row that is not full is not shown`() {
        #expect(Self.shown(.pipe(), [["a", "b"], ["c"]]) == "a\tb\n")
    }

    @Test func `an entry is shown as labels and values, further lines of notes below the first`() throws {
        let pipe = Pipe()
        var list = FieldList(
            labels: ["user\u{1B}", "notes"], for: .terminal(descriptor: pipe.writeEnd))
        list.field("user\u{1B}", Array("anna\nmore".utf8).span)
        list.field("notes", Array("one\n\ttwo\u{7}\n".utf8).span, layout: .lines)
        try list.write()
        pipe.closeWriteEnd()
        #expect(
            String(decoding: pipe.readAll(), as: UTF8.self) == """
                user\\u{1B}  anna\\nmore
                notes       one
                            \\ttwo\\u{7}

                """)
    }
}

extension String {
    /// The last cell of a row has no padding, but an empty one leaves the gap before it.
    fileprivate func replacingTrailingSpace() -> String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("mail") ? "mail   " : String($0) }.joined(separator: "\n")
    }
}
