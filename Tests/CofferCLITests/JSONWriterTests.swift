/// Tests the one form of JSON that Coffer writes.
import CofferCLI
import CofferMemory
import Testing

struct JSONWriterTests {
    private static func string(_ bytes: [UInt8]) -> String {
        var writer = JSONWriter(PrivateBuilder())
        writer.value(bytes.span)
        return writer.finish().text()
    }

    @Test func `objects and arrays are set out with two spaces a level`() {
        var writer = JSONWriter(PrivateBuilder())
        writer.beginObject()
        writer.member("title", "work/vk")
        writer.member("urls", ["https://a", "https://b"])
        writer.member("tags", [])
        writer.key("fields")
        writer.beginObject()
        writer.endObject()
        writer.key("has")
        writer.beginObject()
        writer.member("password", true)
        writer.member("otp", false)
        writer.endObject()
        writer.member("digits", -6)
        writer.key("next")
        writer.null()
        writer.member("created", unixSeconds: 1_700_000_000)
        writer.endObject()
        #expect(
            writer.finish().text() == """
                {
                  "title": "work/vk",
                  "urls": [
                    "https://a",
                    "https://b"
                  ],
                  "tags": [],
                  "fields": {},
                  "has": {
                    "password": true,
                    "otp": false
                  },
                  "digits": -6,
                  "next": null,
                  "created": "2023-11-14T22:13:20Z"
                }

                """)
    }

    @Test func `an array of objects is one text`() {
        var writer = JSONWriter(PrivateBuilder())
        writer.beginArray()
        for number in [Int.min, Int.max] {
            writer.beginObject()
            writer.member("n", number)
            writer.endObject()
        }
        writer.endArray()
        #expect(
            writer.finish().text()
                == "[\n  {\n    \"n\": -9223372036854775808\n  },\n  {\n    \"n\": 9223372036854775807\n  }\n]\n")
    }

    @Test(arguments: [
        ("quote \" and \\ back", "quote \\\" and \\\\ back"),
        ("\u{8}\u{C}\n\r\t", "\\b\\f\\n\\r\\t"),
        ("\u{0}\u{1F}\u{7F}\u{9B}", "\\u0000\\u001F\\u007F\\u009B"),
        ("\u{202E}\u{200B}\u{FEFF}\u{2028}", "\\u202E\\u200B\\uFEFF\\u2028"),
        ("\u{E0041}\u{10FFFF}", "\\uDB40\\uDC41\\uDBFF\\uDFFF"),
        ("Привет 密 🔑/", "Привет 密 🔑/"),
    ])
    func `strings carry every character, and no harmful one as it is`(_ text: String, _ expected: String) {
        #expect(Self.string(Array(text.utf8)) == "\"\(expected)\"\n")
    }

    @Test func `a byte that is not UTF-8 becomes the replacement character`() {
        #expect(Self.string([0x41, 0xFF, 0x42]) == "\"A\\uFFFDB\"\n")
    }

    @Test func `secrets are written into locked memory`() {
        var writer = JSONWriter(SecretBuilder())
        writer.beginObject()
        writer.key("password")
        writer.value(SecretSlice(copying: Array("p\"w".utf8)))
        writer.endObject()
        let json = writer.finish()
        #expect(text(json.span) == "{\n  \"password\": \"p\\\"w\"\n}\n")
    }
}
