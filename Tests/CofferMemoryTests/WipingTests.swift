/// Memory that held a secret or something private holds it no more when its owner is gone.
import CofferMemory
import Testing

/// A small piece of the heap.
private final class Neighbour {
    let bytes = PrivateBytes(zeroed: 64)
}

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
        var neighbours: [Neighbour] = []
        func hold() {
            var bytes = PrivateBytes(zeroed: 100_000)
            scan.withCanary { canary in
                var target = bytes.mutableSpan
                // Near the end: the allocator itself writes over the start of what is given back, and so does the scan.
                for index in 0..<canary.count { target[99_000 + index] = canary[index] }
            }
            // Some of them lie behind it, so that the memory is kept and neither given to the system nor joined to what
            // is
            // free there.
            for _ in 0..<200 { neighbours.append(.init()) }
            #expect(scan.copies() == 1)
        }
        hold()
        #expect(scan.copies() == 0)
        #expect(neighbours.count == 200)
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
