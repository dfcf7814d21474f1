/// Shows a QR code until a person has scanned it.
import CofferMemory

struct QRScreen {
    let picture: SecretSlice

    /// Ends when Enter or q is pressed; Ctrl-C throws `interrupted`.
    func run() throws {
        let screen = LiveScreen(keys: LiveScreen.enter)
        try screen.begin()
        defer { screen.leave() }
        while true {
            var text = SecretBuilder(capacity: picture.count + 64)
            text.append(fixed: "\u{1B}[H")
            text.append(picture.span)
            text.append(fixed: "Scan it, then press Enter.\u{1B}[J")
            try Output.standard.write(text.span)
            switch try screen.wait(nanoseconds: -1) {
            case .time, .redraw: continue
            case .quit, .key: return
            }
        }
    }
}
