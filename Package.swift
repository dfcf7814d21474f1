// swift-tools-version: 6.2
// The floors of docs/architecture.md: a target may import only from floors below its own,
// and only what its line here names. scripts/check-floors compares every file with this table.
import PackageDescription

let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "coffer",
    products: [
        .executable(name: "coffer", targets: ["coffer"]),
        .executable(name: "coffer-agent", targets: ["coffer-agent"]),
        .executable(name: "coffer-convert", targets: ["coffer-convert"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // Floor 0: C
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CUnicode", providers: [.apt(["libutf8proc-dev"])]),
        .systemLibrary(name: "CZBar", providers: [.apt(["libzbar-dev"])]),
        .systemLibrary(name: "CQRencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CPNG", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CTurboJPEG", providers: [.apt(["libturbojpeg0-dev"])]),
        .target(name: "CShims"),
        .target(name: "CSandbox", linkerSettings: [.linkedLibrary("seccomp")]),

        // Floor 1
        .target(
            name: "CofferMemory", dependencies: ["CSodium", "CShims"],
            // Lending spans from our own storage needs this; it is confined to this target.
            swiftSettings: house + [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "CofferMerge", swiftSettings: house),

        // Floor 2
        .target(
            name: "CofferCrypto", dependencies: ["CofferMemory", "CSodium", "COpenSSL"], swiftSettings: house),
        .target(
            name: "CofferModel", dependencies: ["CofferMemory", "CofferMerge", "CUnicode"], swiftSettings: house),

        // Floor 3
        .target(name: "CofferOTP", dependencies: ["CofferMemory", "CofferCrypto"], swiftSettings: house),
        .target(
            name: "CofferFormat",
            dependencies: ["CofferMemory", "CofferMerge", "CofferCrypto", "CofferModel"], swiftSettings: house),

        // Floor 4
        .target(
            name: "CofferVault",
            dependencies: [
                "CofferMemory", "CofferMerge", "CofferCrypto", "CofferModel", "CofferFormat", "CofferOTP", "CShims",
            ], swiftSettings: house),

        .target(
            name: "CofferExchange", dependencies: ["CofferMemory", "CofferModel", "CofferFormat"],
            swiftSettings: house),

        // Floor 5
        .target(name: "CofferOpenRC", dependencies: ["CofferMemory", "CofferExchange"], swiftSettings: house),
        .target(
            name: "CofferAgent",
            dependencies: [
                "CofferMemory", "CofferCrypto", "CofferModel", "CofferFormat", "CofferVault", "CShims",
            ], swiftSettings: house),

        // Floor 6
        .target(
            name: "CofferConvert",
            dependencies: [
                "CofferMemory", "CofferExchange", "CofferOpenRC", "CShims", "CSandbox", "CZBar", "CQRencode", "CPNG",
                "CTurboJPEG",
                yams,
            ], swiftSettings: house),
        .target(
            name: "CofferCLI",
            dependencies: [
                "CofferMemory", "CofferMerge", "CofferCrypto", "CofferModel", "CofferFormat", "CofferOTP",
                "CofferVault", "CofferAgent", "CofferExchange", "CUnicode", "CShims", argumentParser,
            ], swiftSettings: house),
        .executableTarget(name: "coffer-agent", dependencies: ["CofferAgent", "CofferMemory"], swiftSettings: house),
        .executableTarget(
            name: "coffer-convert", dependencies: ["CofferConvert", "CofferMemory"], swiftSettings: house),
        .executableTarget(name: "coffer", dependencies: ["CofferCLI", "CofferMemory"], swiftSettings: house),
        .executableTarget(
            name: "coffer-bench",
            dependencies: [
                "CofferMemory", "CofferMerge", "CofferCrypto", "CofferModel", "CofferFormat", "CofferVault", "COpenSSL",
                argumentParser,
            ], swiftSettings: house),

        // Tests: one target for each module, and what several of them share
        .target(
            name: "TestSupport", dependencies: ["CofferMemory"], path: "Tests/TestSupport", swiftSettings: house),
        .testTarget(name: "CofferMemoryTests", dependencies: ["CofferMemory"], swiftSettings: house),
        .testTarget(name: "CofferMergeTests", dependencies: ["TestSupport", "CofferMerge"], swiftSettings: house),
        .testTarget(
            name: "CofferCryptoTests", dependencies: ["TestSupport", "CofferMemory", "CofferCrypto", "COpenSSL"],
            swiftSettings: house),
        .testTarget(
            name: "CofferOTPTests", dependencies: ["TestSupport", "CofferMemory", "CofferCrypto", "CofferOTP"],
            swiftSettings: house),
        .testTarget(
            name: "CofferModelTests", dependencies: ["TestSupport", "CofferMemory", "CofferMerge", "CofferModel"],
            swiftSettings: house
        ),
        .testTarget(
            name: "CofferFormatTests",
            dependencies: [
                "TestSupport", "CofferMemory", "CofferMerge", "CofferCrypto", "CofferModel", "CofferFormat",
            ],
            swiftSettings: house),
        .testTarget(
            name: "CofferVaultTests",
            dependencies: [
                "TestSupport", "CofferMemory", "CofferMerge", "CofferCrypto", "CofferModel", "CofferFormat",
                "CofferOTP",
                "CofferVault",
            ], swiftSettings: house),
        .testTarget(
            name: "CofferAgentTests",
            dependencies: [
                "CofferMemory", "CofferCrypto", "CofferModel", "CofferFormat", "CofferVault", "CofferAgent",
            ], swiftSettings: house),
        .testTarget(
            name: "CofferExchangeTests",
            dependencies: [
                "TestSupport", "CofferMemory", "CofferMerge", "CofferModel", "CofferFormat", "CofferExchange",
            ],
            swiftSettings: house),
        .testTarget(
            name: "CofferOpenRCTests",
            dependencies: ["TestSupport", "CofferMemory", "CofferModel", "CofferExchange", "CofferOpenRC"],
            swiftSettings: house),
        .testTarget(
            name: "CofferConvertTests",
            dependencies: ["TestSupport", "CofferMemory", "CofferModel", "CofferExchange", "CofferConvert"],
            swiftSettings: house),
        .testTarget(
            name: "CofferCLITests",
            dependencies: [
                "TestSupport", "CofferMemory", "CofferCrypto", "CofferFormat", "CofferOTP", "CofferVault", "CofferCLI",
                "CShims",
                argumentParser,
            ], swiftSettings: house),
    ]
)
