/// Memory that held a secret or something private holds it no more when its owner is gone.
import CofferMemory
import Testing

@Suite(.serialized) struct WipingTests {
    @Test func `secret bytes are nowhere in memory when their owner is gone`() {
        let scan = MemoryScan()
        func hold() {
            var secret = SecretBytes(zeroed: MemoryScan.canaryCount)
            scan.withCanary { secret.write($0, at: 0) }
            #expect(scan.copies() == 1)
        }
        hold()
        #expect(scan.copies() == 0)
    }

    @Test func `secret bytes too large to lock are wiped as well`() {
        let scan = MemoryScan()
        func hold() {
            var secret = SecretBytes(zeroed: SecretBytes.lockedCountMaximum + 1)
            scan.withCanary { secret.write($0, at: 100) }
            #expect(scan.copies() == 1)
        }
        hold()
        #expect(scan.copies() == 0)
    }

    @Test func `private bytes are wiped before their memory is given back`() {
        let scan = MemoryScan()
        var neighbour = PrivateBytes(zeroed: 1)
        func hold() {
            var bytes = PrivateBytes(zeroed: 20_000)
            scan.withCanary { canary in
                var target = bytes.mutableSpan
                // Near the end: the allocator itself writes over the start of what is given back.
                for index in 0..<canary.count { target[19_000 + index] = canary[index] }
            }
            #expect(scan.copies() == 1)
            // Lies behind it, so that the memory is kept for the next use and not given to the system.
            neighbour = PrivateBytes(zeroed: 64)
        }
        hold()
        #expect(scan.copies() == 0)
        #expect(neighbour.count == 64)
    }

    @Test func `a builder leaves no copy behind when it grows`() {
        let scan = MemoryScan()
        func hold() {
            var builder = SecretBuilder(capacity: 16)
            scan.withCanary { builder.append($0) }
            for _ in 0..<10_000 { builder.append(0x61) }
            #expect(scan.copies() == 1)
        }
        hold()
        #expect(scan.copies() == 0)
    }

    @Test func `a builder wipes what is cut off`() {
        let scan = MemoryScan()
        var builder = SecretBuilder()
        builder.append("kept")
        scan.withCanary { builder.append($0) }
        #expect(scan.copies() == 1)
        builder.truncate(to: 4)
        #expect(scan.copies() == 0)
        #expect(builder.count == 4)
    }
}
