/// What is asked of the agent itself, and what it answers (docs/agent.md, "Messages").
package import CofferFormat
package import CofferMemory
package import CofferVault

/// Requests to the agent itself; those to a vault have smaller numbers.
package enum ControlNumber {
    package static let hello: UInt64 = 256
    package static let unlock: UInt64 = 257
    package static let lock: UInt64 = 258
    package static let status: UInt64 = 259
    package static let allowReads: UInt64 = 260
}

/// What is to be said of a vault each time it is opened.
package struct VaultNotes: WireValue, Equatable, Sendable {
    package let hasTestSlot: Bool
    package let passwordCount: Int
    package let recoveryKeyCount: Int

    package init(_ vault: OpenVault) {
        hasTestSlot = vault.hasTestSlot
        passwordCount = vault.registry.live(.password).count
        recoveryKeyCount = vault.registry.live(.recovery).count
    }

    package func write(to sink: inout WireSink) {
        sink.put(hasTestSlot)
        sink.put(passwordCount)
        sink.put(recoveryKeyCount)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        hasTestSlot = try reader.read()
        passwordCount = try reader.read()
        recoveryKeyCount = try reader.read()
    }
}

/// A vault to be held, with the key that the sender has unwrapped.
package struct UnlockOrder: WireValue {
    let path: String
    let vaultKey: SecretSlice
    /// Where this machine remembers; nil where there is no home.
    let stateFolder: String?
    /// Whether a vault that this machine has never seen is to be remembered.
    let startsMemory: Bool
    let terms: HoldingTerms

    package init(
        path: String, vaultKey: SecretSlice, stateFolder: String?, startsMemory: Bool, terms: HoldingTerms
    ) {
        (self.path, self.vaultKey, self.stateFolder) = (path, vaultKey, stateFolder)
        (self.startsMemory, self.terms) = (startsMemory, terms)
    }

    package func write(to sink: inout WireSink) {
        sink.put(path)
        sink.put(vaultKey)
        sink.put(stateFolder)
        sink.put(startsMemory)
        sink.put(terms)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        path = try reader.read()
        vaultKey = try reader.read()
        stateFolder = try reader.read()
        for place in [path, stateFolder].compactMap({ $0 }) {
            guard place.hasPrefix("/"), !place.utf8.contains(0) else { throw .unexpected }
        }
        startsMemory = try reader.read()
        terms = try reader.read()
    }
}

/// How long a vault is held, and how freely it is read.
package struct HoldingTerms: WireValue, Equatable, Sendable {
    /// Locked when nothing was asked for so long.
    package let idleSeconds: Int
    /// Locked so long after it was unlocked.
    package let lifetimeSeconds: Int
    /// Whether secrets of many entries may be read within a minute.
    package let isBulk: Bool

    /// At most thirty days.
    package static let secondsMaximum = 30 * 86_400

    package init(idleSeconds: Int, lifetimeSeconds: Int, isBulk: Bool) {
        (self.idleSeconds, self.lifetimeSeconds, self.isBulk) = (idleSeconds, lifetimeSeconds, isBulk)
    }

    package func write(to sink: inout WireSink) {
        sink.put(idleSeconds)
        sink.put(lifetimeSeconds)
        sink.put(isBulk)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(idleSeconds: try reader.read(), lifetimeSeconds: try reader.read(), isBulk: try reader.read())
        let allowed = 1...Self.secondsMaximum
        guard allowed.contains(idleSeconds), allowed.contains(lifetimeSeconds) else { throw .limit("holding time") }
    }
}

/// What the agent says of itself.
package struct AgentStatus: WireValue, Equatable, Sendable {
    package let processID: Int32
    /// By their paths.
    package let vaults: [HeldVaultStatus]

    package init(processID: Int32, vaults: [HeldVaultStatus]) {
        (self.processID, self.vaults) = (processID, vaults)
    }

    package func write(to sink: inout WireSink) {
        sink.put(processID)
        sink.put(vaults)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(processID: try reader.read(), vaults: try reader.read())
    }
}

/// A vault that the agent holds.
package struct HeldVaultStatus: WireValue, Equatable, Sendable {
    package let path: String
    /// Live entries.
    package let entryCount: Int
    package let machineLabel: String
    /// How long until it is locked, when nothing is asked meanwhile.
    package let secondsLeft: Int
    /// How long until it is locked in any case.
    package let lifetimeSecondsLeft: Int
    package let isBulk: Bool

    package init(
        path: String, entryCount: Int, machineLabel: String, secondsLeft: Int, lifetimeSecondsLeft: Int, isBulk: Bool
    ) {
        (self.path, self.entryCount, self.machineLabel) = (path, entryCount, machineLabel)
        (self.secondsLeft, self.lifetimeSecondsLeft, self.isBulk) = (secondsLeft, lifetimeSecondsLeft, isBulk)
    }

    package func write(to sink: inout WireSink) {
        sink.put(path)
        sink.put(entryCount)
        sink.put(machineLabel)
        sink.put(secondsLeft)
        sink.put(lifetimeSecondsLeft)
        sink.put(isBulk)
    }
    package init(from reader: inout WireReader) throws(FormatError) {
        self.init(
            path: try reader.read(), entryCount: try reader.read(), machineLabel: try reader.read(),
            secondsLeft: try reader.read(), lifetimeSecondsLeft: try reader.read(), isBulk: try reader.read())
        let possible = 0...HoldingTerms.secondsMaximum
        guard possible.contains(secondsLeft), possible.contains(lifetimeSecondsLeft) else {
            throw .limit("holding time")
        }
    }
}
