/// A measured figure, and what it is compared with.

/// A number with its unit.
struct Amount {
    let name: String
    let value: Double
    let unit: Unit

    init(_ name: String, _ value: Double, _ unit: Unit) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}

enum Unit: String {
    case milliseconds = "ms"
    case mebibytes = "MiB"
    case megabytes = "MB"
    case bytes = "bytes"
    case iterationsPerSecond = "iterations/s"
    case times = "times"
}

/// What a figure should be on the machine that the limits were set for.
enum Limit {
    case atMost(Double)
    case atLeast(Double)

    var value: Double {
        switch self {
        case .atMost(let value), .atLeast(let value): value
        }
    }

    func isMet(by value: Double) -> Bool {
        switch self {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        }
    }
}

/// The median of some runs.
struct Figure {
    let area: String
    let measured: Amount
    /// The number of entries of the vault that was measured on.
    let entries: Int?
    let runs: Int
    let limit: Limit?
    /// What the figure is made of, or what it can be compared with.
    let beside: [Amount]

    init(
        _ area: String, _ measured: Amount, entries: Int? = nil, runs: Int, limit: Limit? = nil, beside: [Amount] = []
    ) {
        self.area = area
        self.measured = measured
        self.entries = entries
        self.runs = runs
        self.limit = limit
        self.beside = beside
    }

    /// The figure over its limit.
    var ratio: Double? { limit.map { measured.value / $0.value } }
}
