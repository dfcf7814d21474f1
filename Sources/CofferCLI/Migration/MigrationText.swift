/// Why an account has no place on the other side, in words.
import CofferOTP

enum MigrationText {
    static func reason(_ obstacle: GoogleMigration.Obstacle) -> String {
        switch obstacle {
        case .secretEmpty: "it has no key"
        case .secretTooLong: "its key is too long"
        case .label: "its name is too long or holds control characters"
        case .algorithm: "its hash is none of SHA-1, SHA-256 and SHA-512"
        case .kind: "it is neither time-based nor counter-based"
        case .digits: "its codes have neither 6 nor 8 digits"
        case .counter: "its counter is too high"
        case .period: "its codes do not change every 30 seconds"
        case .steam: "it is Steam's"
        case .size: "it is too long for a QR code"
        }
    }
}
