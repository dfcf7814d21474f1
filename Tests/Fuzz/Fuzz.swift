/// Coverage-guided fuzzing of every decoder (docs/hacking.md, "Fuzzing"). scripts/fuzz compiles and runs it.
///
/// The properties: nothing traps, whatever the bytes are; and whatever parses encodes to the same bytes again.
import CofferAgent
import CofferConvert
import CofferCrypto
import CofferExchange
import CofferFormat
import CofferMemory
import CofferOpenRC
import CofferMerge
import CofferModel
import CofferOTP
import CofferVault
import Glibc

/// Called by libFuzzer with one input after the other; COFFER_FUZZ names the decoder.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    decoder(bytes)
    return 0
}

private let decoders: [String: ([UInt8]) -> Void] = [
    "cbor": cbor, "header": header, "slot": slot, "index": index, "entry": entry, "otpauth": otpauth,
    "google": google, "base32": base32, "codes": codes, "recovery": recovery, "time": utcTime, "password": password,
    "note": note, "memory": memory, "receipt": receipt, "rotation": rotation,
    "assuan": assuan, "frames": frames, "request": request, "answer": answer,
    "openrc": openrc, "yaml": yaml, "picture": picture, "clouds": clouds, "reply": reply,
]

private let decoder: ([UInt8]) -> Void = {
    let name = getenv("COFFER_FUZZ").map { String(cString: $0) } ?? ""
    guard let decoder = decoders[name] else { fatalError("COFFER_FUZZ is one of \(decoders.keys.sorted())") }
    return decoder
}()

/// Ends the process where a property does not hold, which libFuzzer reports with the input.
private func require(_ holds: Bool, _ law: StaticString) {
    if !holds { fatalError("\(law)") }
}

private func cbor(_ bytes: [UInt8]) {
    var cursor = CBORCursor(0..<bytes.count)
    try? cursor.skip(bytes.span, depth: 0)
    require(cursor.position <= bytes.count, "a cursor stays inside")
}

private func header(_ bytes: [UInt8]) {
    guard let header = try? Header.parse(bytes.span) else { return }
    require(header.encodedWithoutTag == Array(bytes.dropLast(Header.tagCount)), "a header encodes to its bytes")
}

private func slot(_ bytes: [UInt8]) {
    guard let slot = try? KeySlot.parse(bytes.span) else { return }
    require(slot.encoded == bytes, "a slot encodes to its bytes")
}

/// The first three bytes are the length of the entries, so that both sums that fit and sums that do not are met.
private func index(_ bytes: [UInt8]) {
    guard bytes.count > 3 else { return }
    let framesCount = bytes[..<3].reduce(0) { $0 << 8 | Int($1) }
    var content = PrivateBytes(zeroed: bytes.count - 3)
    content.write(bytes.span.extracting(3..<bytes.count), at: 0)
    guard
        let index = try? Index.parse(
            content, content: 0..<bytes.count - 3, framesOffset: 4096, framesCount: framesCount)
    else { return }
    for record in index.records {
        guard let overview = try? index.overview(record) else { continue }
        require(index.holds(overview, record), "an overview encodes to its bytes")
    }
    let records = index.records.indices.map { IndexRecordSource.kept($0) }
    _ = try? SlotRegistry(index.registry)
    guard
        let box = Index.serializeForSealing(
            settings: index.settings, registry: index.registry, records: records, old: index)
    else { return }
    let padded = SealedBox.contentRange(ofBoxCount: box.count)
    let span = box.span.extracting(padded)
    require(span.count >= bytes.count + 1, "an index encodes to its length")
    for offset in 0..<bytes.count - 3 {
        require(span[Padding.prefixCount + offset] == bytes[3 + offset], "an index encodes to its bytes")
    }
}

private func entry(_ bytes: [UInt8]) {
    let arena = SecretArena(SecretBytes(copying: bytes))
    guard let versions = try? EntryFrame.parseContent(arena, 0..<bytes.count),
        let id = EntryID([UInt8](repeating: 7, count: 16).span)
    else { return }
    var sink = ArraySink()
    VersionCoding.encode(versions, into: &sink)
    require(sink.bytes == bytes, "an entry encodes to its bytes")
    let entry = Entry(id: id, versions: versions)
    var overview = ArraySink()
    OverviewCoding.encode(Overview(entry), into: &overview)
    _ = entry.purgeDraft()
    _ = entry.trashDraft(true)
    let again = try? versions.merged(with: versions, historyLimit: EntryFrame.historyLimit)
    require(again == versions, "merging an entry with itself changes nothing")
}

private func otpauth(_ bytes: [UInt8]) {
    guard let parsed = try? OTPAuthURI.parse(bytes.span) else { return }
    let text = OTPAuthURI.serialize(parsed.parameters)
    guard let again = try? OTPAuthURI.parse(text.span) else { fatalError("a serialized URI parses") }
    require(again.parameters == parsed.parameters, "a URI says the same after one round")
    _ = try? TOTP.code(parsed.parameters, atUnixSeconds: 1_700_000_000)
    _ = try? HOTP.code(parsed.parameters, counter: .max)
}

private func google(_ bytes: [UInt8]) {
    guard let part = try? GoogleMigration.parse(bytes.span) else { return }
    let count = part.accounts.count + part.skipped.count
    require(count <= OTPLimits.migrationAccounts, "an export's accounts are within their limit")
    var batch = GoogleMigrationBatch()
    require((try? batch.add(part)) != nil && batch.missing.count == part.batchSize - 1, "the other parts are missing")
    let portions = GoogleMigration.batches(of: part.accounts)
    require(portions.unrepresentable.allSatisfy { $0.obstacle == .size }, "what was read can be written, but for size")
    for (index, accounts) in portions.parts.enumerated() {
        guard
            let text = try? GoogleMigration.serialize(
                accounts, batchSize: portions.parts.count, batchIndex: index, batchID: -1),
            let again = try? GoogleMigration.parse(text.span)
        else { fatalError("a portion is written and read") }
        require(again.accounts == accounts && again.skipped.isEmpty, "accounts are the same after one round")
    }
}

private func base32(_ bytes: [UInt8]) {
    guard let key = try? Base32.decode(bytes.span) else { return }
    let text = Base32.encode(key.span)
    guard let again = try? Base32.decode(text.span) else { return require(key.count == 0, "encoded keys decode") }
    require(constantTimeEqual(again.span, key.span), "a key is the same after one round")
}

private func codes(_ bytes: [UInt8]) {
    guard let parsed = try? BackupCodeText.parse(bytes.span) else { return }
    require(BackupCodeText.codes.contains(parsed.codes.count), "the number of codes is within its limit")
    require(parsed.codes.count == parsed.used.count, "every code has its mark")
    for code in parsed.codes { require(BackupCodeText.codeCount.contains(code.count), "a code is within its limit") }
}

private func openrc(_ bytes: [UInt8]) {
    guard let file = try? OpenRC.parse(bytes.span) else { return }
    let encoded = [file.settings].encoded()
    let again = try? [CloudSettings].decode(SecretArena(encoded))
    require(again == [file.settings], "what a file says goes through the pipe")
    _ = CloudFields.fields(of: file.settings)
    _ = CloudText.publicPart(file.settings)
}

private func yaml(_ bytes: [UInt8]) {
    guard let clouds = try? CloudsYAML.parse(bytes.span) else { return }
    let handedOver = try? [CloudSettings].decode(SecretArena(clouds.encoded()))
    require(handedOver == clouds, "what is read can be handed over")
}

/// The libraries themselves are not looked into: this is about what we believe them.
private func picture(_ bytes: [UInt8]) {
    guard let picture = try? Picture(SecretBytes(copying: bytes)) else { return }
    require(picture.pixels.count == picture.width * picture.height, "a picture has all its pixels")
    // Larger ones take their time, which is measured elsewhere.
    if picture.pixels.count <= 40_000 { _ = try? QRReader.symbols(in: picture) }
}

private func clouds(_ bytes: [UInt8]) {
    guard let clouds = try? [CloudSettings].decode(SecretArena(SecretBytes(copying: bytes))) else { return }
    let encoded = clouds.encoded()
    require((0..<encoded.count).map { encoded.span[$0] } == bytes, "a list of clouds encodes to its bytes")
    for cloud in clouds { _ = CloudText.secretPart(cloud) }
    require(clouds.merging(secure: clouds) == clouds, "clouds over themselves change nothing")
}

private func reply(_ bytes: [UInt8]) {
    guard let reply = try? ConversionReply.parse(SecretBytes(copying: bytes)) else { return }
    let again = reply.serialize()
    require((0..<again.count).map { again.span[$0] } == bytes, "a reply encodes to its bytes")
}

private func recovery(_ bytes: [UInt8]) {
    guard let key = try? RecoveryKey.parse(bytes.span) else { return }
    let text = key.text()
    require((try? RecoveryKey.parse(text.span)) != nil, "a printed recovery key is read again")
}

private func utcTime(_ bytes: [UInt8]) {
    guard let time = UTCTime(String(decoding: bytes, as: UTF8.self)) else { return }
    require(UTCTime(time.text)?.unixSeconds == time.unixSeconds, "a printed time is read again")
}

private func password(_ bytes: [UInt8]) {
    guard let password = try? MasterPassword(bytes.span) else { return }
    guard let again = try? MasterPassword(password.bytes.span) else { fatalError("a normalised password is one") }
    require(constantTimeEqual(again.bytes.span, password.bytes.span), "normalising twice changes nothing")
}

private func note(_ bytes: [UInt8]) { _ = SealedNote.epoch(of: bytes) }

private func memory(_ bytes: [UInt8]) {
    guard let state = try? RememberedState.decode(bytes) else { return }
    require(state.encoded == bytes, "a memory encodes to its bytes")
}

private func receipt(_ bytes: [UInt8]) {
    guard let receipt = try? Receipt.decode(bytes) else { return }
    require((try? Receipt.decode(receipt.encoded)) == receipt, "a receipt says the same after one round")
}

private func rotation(_ bytes: [UInt8]) {
    guard let list = try? RotationList.decode(SecretSlice(copying: bytes)) else { return }
    let again = try? RotationList.decode(SecretSlice(copying: list.encoded))
    require(again == list, "a list says the same after one round")
}

/// What a pinentry program writes, in pieces of 1 to 256 bytes as the first byte says, through a pipe.
private func assuan(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    defer { for end in ends { close(end) } }
    var reader = AssuanReader()
    var answer = SecretBuilder(capacity: 1024)
    var rest = bytes.dropFirst()
    do {
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Int(first) + 1))
            rest = rest.dropFirst(piece.count)
            _ = write(ends[1], piece, piece.count)
            var left = piece.count
            while left > 0 {
                let count = reader.read(from: ends[0])
                require(count > 0, "a reader that asks for more has room")
                left -= count
                while let reply = try reader.nextReply() {
                    guard case .data(let range) = reply else { continue }
                    require(range.upperBound <= AssuanLine.countMaximum, "data lies in its line")
                    guard try reader.append(range, to: &answer, countMaximum: 1024) else { return }
                    require(answer.count <= 1024, "an answer is within its limit")
                }
            }
        }
    } catch {
        return
    }
    var line = PrivateBuilder()
    AssuanLine.append(parameter: answer.span, to: &line, countMaximum: 3 * 1024)
    var again = line.span.indices.map { line.span[$0] }
    var span = again.mutableSpan
    let count = try? AssuanLine.decode(&span, 0..<span.count)
    let isSame = count == answer.count && answer.span.indices.allSatisfy { again[$0] == answer.span[$0] }
    require(isSame, "an escaped answer is read again")
}

/// What comes to the agent's socket, in pieces of 1 to 256 bytes as the first byte says.
private func frames(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    var assembler = MessageAssembler(countMaximum: 1 << 16)
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
        let piece = Array(rest.prefix(Int(first) + 1))
        rest = rest.dropFirst(piece.count)
        guard assembler.take(piece.span) else { return }
        require(assembler.count <= 1 << 16, "a message is not longer than its limit")
    }
    guard assembler.isWhole else { return }
    var sent: [UInt8] = []
    let message = assembler.finish()
    let content = (0..<message.count).map { message.span[$0] }
    var outgoing = OutgoingMessage(message)
    _ = outgoing.advance { span in
        for index in 0..<span.count { sent.append(span[index]) }
        return span.count
    }
    var again = MessageAssembler(countMaximum: 1 << 17)
    require(again.take(sent.span) && again.isWhole, "what is sent arrives")
    let arrived = again.finish()
    require((0..<arrived.count).map { arrived.span[$0] } == content, "what arrives is what was sent")
}

/// A message to the agent: its head, then the request that its number means.
private func request(_ bytes: [UInt8]) {
    var reader = WireReader(SecretBytes(copying: bytes))
    guard let head = try? reader.read(RequestHead.self) else { return }
    if head.number == ControlNumber.unlock {
        guard let order = try? reader.read(UnlockOrder.self), (try? reader.finish()) != nil else { return }
        require(encoded(head, order) == bytes, "an order encodes to its bytes")
    } else if let type = RequestTable.type(of: head.number) {
        require(type.isCanonical(reader, head, bytes), "a request encodes to its bytes")
    }
}

extension Request {
    /// Whether the rest of a message is no request of this kind, or encodes to the same message again.
    fileprivate static func isCanonical(_ rest: WireReader, _ head: RequestHead, _ bytes: [UInt8]) -> Bool {
        var reader = rest
        guard let question = try? reader.read(Self.self), (try? reader.finish()) != nil else { return true }
        return encoded(head, question) == bytes
    }
}

/// An answer of the agent: the first byte says of which kind.
private func answer(_ bytes: [UInt8]) {
    guard let kind = bytes.first else { return }
    let content = Array(bytes.dropFirst())
    func read<Value: WireValue>(_ type: Value.Type) {
        var reader = WireReader(SecretBytes(copying: content))
        guard let value = try? reader.read(Value.self), (try? reader.finish()) != nil else { return }
        var sink = WireSink()
        sink.put(value)
        let message = sink.finish()
        require((0..<message.count).map { message.span[$0] } == content, "an answer encodes to its bytes")
    }
    switch kind % 8 {
    case 0: read(Entry.self)
    case 1: read(EntryList.self)
    case 2: read([OneTimeEntry].self)
    case 3: read(SyncReport.self)
    case 4: read(VaultError.self)
    case 5: read(SyncStatus.self)
    case 6: read(AgentStatus.self)
    default: read(AnswerHead.self)
    }
}

private func encoded(_ head: some WireValue, _ body: some WireValue) -> [UInt8] {
    var sink = WireSink()
    sink.put(head)
    sink.put(body)
    let message = sink.finish()
    return (0..<message.count).map { message.span[$0] }
}
