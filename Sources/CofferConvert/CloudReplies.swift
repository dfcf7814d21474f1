/// The answers about files with OpenStack's settings.
import CofferExchange
import CofferMemory
import CofferOpenRC

enum CloudReplies {
    static func openRC(_ text: borrowing SecretBytes) -> ConversionReply {
        do throws(OpenRCError) {
            let file = try OpenRC.parse(text.span)
            return .clouds(
                SecretSlice([file.settings].encoded()), asked: Array(file.open.prefix(ConversionLimits.asked)))
        } catch {
            return .refusedText(line: UInt64(clamping: error.line), refusal(error.reason))
        }
    }

    static func yaml(_ text: borrowing SecretBytes) -> ConversionReply {
        do throws(CloudsYAMLError) {
            return .clouds(SecretSlice(try CloudsYAML.parse(text.span).encoded()), asked: [])
        } catch {
            return .refusedText(line: UInt64(clamping: error.line), refusal(error.reason))
        }
    }

    private static func refusal(_ reason: OpenRCError.Reason) -> TextRefusal {
        switch reason {
        case .tooLong: .tooLong
        case .tooManyVariables, .tooMuch: .tooMuch
        case .notUTF8: .notUTF8
        case .controlCharacter: .controlCharacter
        case .commandSubstitution: .commandSubstitution
        case .hereDocument: .hereDocument
        case .unbalanced: .unbalanced
        case .function: .function
        case .parenthesis: .parenthesis
        case .otherFile: .otherFile
        case .unknownCommand: .unknownCommand
        case .expansion: .expansion
        }
    }

    private static func refusal(_ reason: CloudsYAMLError.Reason) -> TextRefusal {
        switch reason {
        case .tooLong: .tooLong
        case .notUTF8: .notUTF8
        case .controlCharacter: .controlCharacter
        case .syntax: .syntax
        case .severalDocuments: .severalDocuments
        case .duplicateKey: .duplicateKey
        case .tooDeep: .tooDeep
        case .tooManyNodes, .tooManyClouds, .tooManyValues: .tooManyNodes
        case .valueTooLong: .tooMuch
        case .alias: .alias
        case .tag: .tag
        case .notAMapping: .notAMapping
        case .name: .name
        case .noClouds: .noClouds
        }
    }
}
