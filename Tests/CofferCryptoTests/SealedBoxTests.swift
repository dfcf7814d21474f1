/// Boxes: the format's bytes, and that nothing but what was sealed opens.
import CofferCrypto
import CofferMemory
import Testing

struct SealedBoxTests {
    private var vaultKey: VaultKey { VaultKey(SecretBytes(copying: Array(0...31))) }
    private let associatedData = Array("associated".utf8)
    /// "hello" as padding makes it.
    private let content: [UInt8] = [0, 0, 0, 5] + Array("hello".utf8) + [UInt8](repeating: 0, count: 247)

    /// draft-irtf-cfrg-xchacha-03, A.3.1.
    @Test func `the draft's example is sealed and opened`() {
        let text =
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            + "sunscreen would be it."
        let key = [UInt8](0x80...0x9F)
        let nonce = [UInt8](0x40...0x57)
        let associatedData = bytes(hex: "50515253c0c1c2c3c4c5c6c7")
        let expected = bytes(
            hex: "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
                + "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                + "21f9664c97637da9768812f615c68b13b52e" + "c0875924c1c7987947deafd8780acf49")
        let sealed = XChaCha20Poly1305.seal(
            Array(text.utf8).span, nonce: nonce.span, associatedData: associatedData.span, key: key.span)
        #expect(sealed == expected)
        #expect(
            openRaw(sealed, nonce: nonce, associatedData: associatedData, key: key) == .success(Array(text.utf8)))
    }

    /// Computed with another program from docs/format.md, "Sealed box".
    @Test func `a box has the bytes of the format`() {
        let box = seal()
        #expect(Array(box.prefix(24)) == bytes(hex: "6803b839ab01a2ea76da5fc228d953b0eaa493e660ed4ddf"))
        #expect(Array(box.suffix(16)) == bytes(hex: "f58bf284d03a3cb4a902efceace7522a"))
        #expect(
            BLAKE2b.hash(box.span, count: 32)
                == bytes(hex: "0714e83d828c5a5393adc5a75b12fa0ae5e4782b23b083ff92978000d62b8c52"))
        #expect(box.count == content.count + SealedBox.overhead)
    }

    @Test func `every way to seal gives the same box, and every way to open gives the content`() throws {
        let box = seal()
        var inPlace = [UInt8](repeating: 0xEE, count: box.count)
        let range = SealedBox.contentRange(ofBoxCount: box.count)
        inPlace.replaceSubrange(range, with: content)
        var target = inPlace.mutableSpan
        SealedBox.sealInPlace(
            &target, associatedData: associatedData.span, key: vaultKey.deriveIndexKey(),
            nonceKey: vaultKey.deriveNonceKey())
        #expect(inPlace == box)
        #expect(open(box) == .success(content))
        #expect(openInPlace(box) == .success(content))
    }

    @Test func `an empty box can be sealed and opened`() {
        let nothing: [UInt8] = []
        let box = SealedBox.seal(
            nothing.span, associatedData: nothing.span, key: vaultKey.deriveIndexKey(),
            nonceKey: vaultKey.deriveNonceKey())
        #expect(box.count == SealedBox.overhead)
        #expect(open(box, associatedData: nothing) == .success([]))
        #expect(openInPlace(box, associatedData: nothing) == .success([]))
    }

    @Test func `a box with any one byte changed does not open`() {
        let box = seal()
        for position in box.indices {
            var changed = box
            changed[position] ^= 1 << UInt8(position % 8)
            #expect(open(changed) == .failure(.authenticationFailed), "\(position)")
            #expect(openInPlace(changed) == .failure(.authenticationFailed), "\(position)")
        }
        print("Changed boxes, rows: \(box.count)")
    }

    @Test func `a cut or prolonged box does not open`() {
        let box = seal()
        for count in 0..<SealedBox.overhead {
            #expect(open(Array(box.prefix(count))) == .failure(.tooShort), "\(count)")
            #expect(openInPlace(Array(box.prefix(count))) == .failure(.tooShort), "\(count)")
        }
        #expect(open(Array(box.prefix(SealedBox.overhead))) == .failure(.authenticationFailed))
        #expect(open(box.dropLast()) == .failure(.authenticationFailed))
        #expect(open(box + [0]) == .failure(.authenticationFailed))
    }

    @Test func `a box does not open under other associated data or another key`() {
        let box = seal()
        #expect(open(box, associatedData: Array("associate".utf8)) == .failure(.authenticationFailed))
        #expect(open(box, associatedData: []) == .failure(.authenticationFailed))
        #expect(open(box, key: vaultKey.deriveLocalStateKey()) == .failure(.authenticationFailed))
        let id = [UInt8](repeating: 1, count: 16)
        #expect(open(box, key: vaultKey.deriveEntryKey(id: id.span)) == .failure(.authenticationFailed))
    }

    /// Who holds the keys could choose a nonce; then the same content would no longer be the same bytes.
    @Test func `an authentic box whose nonce was chosen is refused and leaves nothing behind`() {
        let nonce = [UInt8](repeating: 9, count: 24)
        let forged =
            nonce
            + XChaCha20Poly1305.seal(
                content.span, nonce: nonce.span, associatedData: associatedData.span,
                key: vaultKey.deriveIndexKey().bytes.span)
        #expect(open(forged) == .failure(.nonceMismatch))
        #expect(openInPlace(forged) == .failure(.nonceMismatch))
    }

    @Test func `a box made with another nonce key is refused`() {
        let box = SealedBox.seal(
            content.span, associatedData: associatedData.span, key: vaultKey.deriveIndexKey(),
            nonceKey: NonceKey(SecretBytes(copying: [UInt8](repeating: 7, count: 32))))
        #expect(open(box) == .failure(.nonceMismatch))
    }

    @Test func `the nonce tells associated data from content`() {
        // The same bytes in a row, divided in another place.
        func nonce(_ associatedData: [UInt8], _ content: [UInt8]) -> [UInt8] {
            Array(
                SealedBox.seal(
                    content.span, associatedData: associatedData.span, key: vaultKey.deriveIndexKey(),
                    nonceKey: vaultKey.deriveNonceKey()
                ).prefix(24))
        }
        #expect(nonce([1, 2], [3, 4]) != nonce([1, 2, 3], [4]))
        #expect(nonce([], [1, 2, 3, 4]) != nonce([1, 2, 3, 4], []))
    }

    private func seal() -> [UInt8] {
        SealedBox.seal(
            content.span, associatedData: associatedData.span, key: vaultKey.deriveIndexKey(),
            nonceKey: vaultKey.deriveNonceKey())
    }

    private func open(_ box: [UInt8], associatedData: [UInt8]? = nil) -> Result<[UInt8], SealedBoxError> {
        open(box, associatedData: associatedData, key: vaultKey.deriveIndexKey())
    }

    private func open<Key: BoxKey & ~Copyable>(
        _ box: [UInt8], associatedData: [UInt8]? = nil, key: borrowing Key
    ) -> Result<[UInt8], SealedBoxError> {
        let associatedData = associatedData ?? self.associatedData
        var plaintext = [UInt8](repeating: 0xEE, count: max(box.count - SealedBox.overhead, 0))
        var target = plaintext.mutableSpan
        do {
            try SealedBox.open(
                box.span, associatedData: associatedData.span, key: key, nonceKey: vaultKey.deriveNonceKey(),
                into: &target)
        } catch {
            // Nothing of the content, not even of one that was authentic.
            if error != .tooShort { #expect(plaintext.allSatisfy { $0 == 0 }) }
            return .failure(error)
        }
        return .success(plaintext)
    }

    private func openInPlace(_ box: [UInt8], associatedData: [UInt8]? = nil) -> Result<[UInt8], SealedBoxError> {
        let associatedData = associatedData ?? self.associatedData
        var box = box
        let count = box.count
        var target = box.mutableSpan
        do {
            let range = try SealedBox.openInPlace(
                &target, associatedData: associatedData.span, key: vaultKey.deriveIndexKey(),
                nonceKey: vaultKey.deriveNonceKey())
            return .success(Array(box[range]))
        } catch {
            if error != .tooShort {
                #expect(box[SealedBox.contentRange(ofBoxCount: count)].allSatisfy { $0 == 0 })
            }
            return .failure(error)
        }
    }
}
