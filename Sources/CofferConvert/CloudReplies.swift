/// The answers about files with OpenStack's settings.
import CofferExchange
import CofferMemory
import CofferOpenRC

enum CloudReplies {
    static func openRC(_ text: borrowing SecretBytes) -> ConversionReply {
        do throws(TextFailure) {
            let file = try OpenRC.parse(text.span)
            guard file.open.count <= ConversionLimits.asked else { throw TextFailure(line: 1, reason: .tooMuch) }
            return .clouds(SecretSlice([file.settings].encoded()), asked: file.open)
        } catch {
            return .refusedText(error)
        }
    }

    static func yaml(_ text: borrowing SecretBytes) -> ConversionReply {
        do throws(TextFailure) {
            return .clouds(SecretSlice(try CloudsYAML.parse(text.span).encoded()), asked: [])
        } catch {
            return .refusedText(error)
        }
    }
}
