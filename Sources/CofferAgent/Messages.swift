/// What stands before a request and before an answer (docs/agent.md, "Messages").
package import CofferFormat
import CofferMemory
package import CofferVault

package enum AgentProtocol {
    /// Changes when messages do in a way that the other side would misread.
    package static let version: UInt64 = 1
    /// The version of the program, which tells people that agent and client are not of one build.
    package static let programVersion = CofferVersion.text

    /// A request may bring an entry, an answer all overviews.
    package static let requestCountMaximum = 20 << 20
    package static let answerCountMaximum = 1 << 30
}

/// Who asks what of which vault.
package struct RequestHead: WireValue {
    var protocolVersion = AgentProtocol.version
    var programVersion = AgentProtocol.programVersion
    package let number: UInt64
    /// The vault's real path; empty where no vault is meant.
    let path: String

    package init(number: UInt64, path: String) { (self.number, self.path) = (number, path) }

    package func write(to sink: inout WireSink) {
        sink.put(protocolVersion)
        sink.put(programVersion)
        sink.put(number)
        sink.put(path)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        protocolVersion = try reader.read()
        programVersion = try reader.read()
        number = try reader.read()
        path = try reader.read()
    }
}

/// How a request ended.
package enum AnswerStatus: UInt64, WireValue {
    /// Followed by what was saved (``LongHistory``, nil when nothing was), then the answer.
    case answered = 0
    /// Followed by a ``VaultError``.
    case refused = 1
    case locked = 2
    case notUnderstood = 3
    case tooManyReads = 4

    package func write(to sink: inout WireSink) { sink.put(rawValue) }
    package init(from reader: inout WireReader) throws(FormatError) {
        guard let status = AnswerStatus(rawValue: try reader.unsigned()) else { throw .unexpected }
        self = status
    }
}

package struct AnswerHead: WireValue {
    var protocolVersion = AgentProtocol.version
    var programVersion = AgentProtocol.programVersion
    package let status: AnswerStatus

    init(_ status: AnswerStatus) { self.status = status }

    package func write(to sink: inout WireSink) {
        sink.put(protocolVersion)
        sink.put(programVersion)
        sink.put(status)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        protocolVersion = try reader.read()
        programVersion = try reader.read()
        status = try reader.read()
    }
}
