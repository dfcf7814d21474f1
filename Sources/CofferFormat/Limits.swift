/// The limits of docs/format.md, "Limits", by name. Readers refuse more; writers stop earlier.
package enum Limits {
    package static let keySlots = 8
    /// One more than a vault key can be changed.
    package static let epoch: UInt64 = 1 << 32
    package static let headerBody = 64 * 1024
    package static let entryContent = 16 * 1024 * 1024
    package static let entryContentWritten = 4 * 1024 * 1024
    package static let entries = 1_000_000
    package static let entriesWritten = 250_000
    package static let nesting = 16
    package static let fieldName = 256
    package static let fieldNameWritten = 64
    /// Title, user name, URL, tag, template.
    package static let overviewText = 4 * 1024
    package static let overviewTextWritten = 1024
    package static let file = 4 * 1024 * 1024 * 1024
    package static let fileWritten = 1024 * 1024 * 1024
    /// The last second of the year 9999.
    package static let atSeconds: UInt64 = 253_402_300_799
    package static let machineLabel = 64
    package static let machineLabelWritten = 16
}
