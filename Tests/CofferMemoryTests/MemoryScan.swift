/// Looks for a canary in this process's own writable memory, so that "wiped" can be observed and not only believed.
import Glibc

/// A random canary, and a scan of the process that finds every copy of it but the scan's own.
@safe final class MemoryScan {
    static let canaryCount = 64
    private static let windowCount = 1 << 20
    private static let pageCount = 4096
    /// How a canary starts: a byte that is rare in memory keeps the scan fast.
    private static let firstByte: Int32 = 0x9D

    /// One mapping for the canary (its first page) and the reading window; the scan leaves it out.
    private let own: UnsafeMutableRawPointer
    private let ownCount = MemoryScan.pageCount + MemoryScan.windowCount

    init() {
        // A mapping of its own, so that leaving it out leaves out nothing else.
        let mapped = unsafe mmap(nil, ownCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { fatalError("no memory for the scan") }
        unsafe own = mapped
        guard unsafe getentropy(own, Self.canaryCount) == 0 else { fatalError("no randomness") }
        // The mapping is ours and larger than one byte.
        unsafe own.storeBytes(of: UInt8(Self.firstByte), as: UInt8.self)
    }

    deinit { unsafe _ = munmap(own, ownCount) }

    /// Lends the canary's bytes.
    func withCanary<Result>(_ body: (borrowing Span<UInt8>) -> Result) -> Result {
        // The first page is ours, written once, and lives as long as this object.
        let bytes = unsafe UnsafeRawBufferPointer(start: own, count: Self.canaryCount)
        return unsafe body(bytes.bindMemory(to: UInt8.self).span)
    }

    /// The number of copies in writable memory, the scan's own not counted.
    func copies() -> Int {
        let memory = unsafe open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { fatalError("/proc/self/mem cannot be read") }
        defer { close(memory) }
        return writableRanges().reduce(0) { $0 + copies(in: $1, of: memory) }
    }

    private func copies(in range: Range<UInt>, of memory: Int32) -> Int {
        let window = unsafe own + Self.pageCount
        var found = 0
        var place = range.lowerBound
        while place < range.upperBound {
            let wanted = min(Self.windowCount, Int(range.upperBound - place))
            // The window has windowCount bytes. A range that went away meanwhile reads as nothing.
            let got = unsafe pread(memory, window, wanted, Int(place))
            guard got >= Self.canaryCount else { break }
            var from = 0
            // Every place looked at leaves a whole canary's length inside what was read.
            while from <= got - Self.canaryCount,
                let hit = unsafe memchr(window + from, Self.firstByte, got - Self.canaryCount + 1 - from)
            {
                if unsafe memcmp(hit, own, Self.canaryCount) == 0 { found += 1 }
                unsafe from = UnsafeRawPointer(hit) - UnsafeRawPointer(window) + 1
            }
            // Windows overlap by one byte less than the canary: none is missed, none counted twice.
            if got == range.upperBound - place { break }
            place += UInt(got - Self.canaryCount + 1)
        }
        return found
    }

    /// The writable ranges of the process, without the scan's own mapping.
    private func writableRanges() -> [Range<UInt>] {
        let start = unsafe UInt(bitPattern: own)
        let end = start + UInt(ownCount)
        var ranges: [Range<UInt>] = []
        for line in text(of: "/proc/self/maps").split(separator: "\n") {
            let parts = line.split(separator: " ")
            let bounds = parts[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, parts[1].hasPrefix("rw") else { continue }
            // The kernel may show the scan's mapping joined to its neighbours.
            let before = bounds[0]..<max(bounds[0], min(bounds[1], start))
            let after = max(bounds[0], min(bounds[1], end))..<bounds[1]
            if bounds[1] <= start || bounds[0] >= end {
                ranges.append(bounds[0]..<bounds[1])
            } else {
                ranges += [before, after].filter { !$0.isEmpty }
            }
        }
        return ranges
    }

    /// Read into the scan's own window: what is looked for may lie in free memory, which must not be used meanwhile.
    private func text(of path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { fatalError("\(path) cannot be read") }
        defer { close(file) }
        let window = unsafe own + Self.pageCount
        var count = 0
        while count < Self.windowCount {
            // The window has as many bytes as are asked for.
            let got = unsafe read(file, window + count, Self.windowCount - count)
            guard got > 0 else { break }
            count += got
        }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: window, count: count), as: UTF8.self)
    }
}
