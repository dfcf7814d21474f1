/// The pages of `coffer help TOPIC`.
import Testing

@testable import CofferCLI

struct HelpTopicTests {
    @Test func `the names that are spelled out are those of the pages`() {
        #expect(HelpTopic.names == HelpTopic.all.map(\.name).joined(separator: ", "))
    }
}
