/// What is told of coffer-convert and of the foreign files that it refuses; ErrorReport.swift makes sentences of it.
import CofferExchange

extension ErrorReport {
    static func parts(_ fault: CLIError.ConverterFault) -> (why: String, remedy: String) {
        switch fault {
        case .missing:
            (
                "The program coffer-convert, which reads pictures and foreign files, does not lie beside coffer.",
                "Install it there: scripts/quickstart does."
            )
        case .notStarted(let number):
            (
                "The program coffer-convert could not be started: \(reason(number)).",
                "Check that it can be run: coffer-convert --version"
            )
        case .ended(let input):
            (
                "The program coffer-convert gave no answer about \(input), which may be damaged or made to do harm; nothing was changed.",
                "Try it with another file. If that fails too: coffer-convert --version"
            )
        case .tooSlow(let input):
            (
                "The program coffer-convert took too long over \(input) and was ended; nothing was changed.",
                "Try it with a smaller file."
            )
        }
    }

    /// The first stands behind the name of what was read.
    static func parts(_ refusal: ConversionRefusal) -> (why: String, remedy: String) {
        switch refusal {
        case .tooLong:
            (
                "is larger than what is read",
                "Name the right file: a screenshot has a few megabytes at most, an openrc or YAML file some kilobytes."
            )
        case .notAPicture: ("is neither a PNG nor a JPEG picture", "Save the screenshot as PNG.")
        case .tooManyPixels:
            ("has more than \(grouped(ConversionLimits.pixels)) pixels", "Cut out the part with the QR code.")
        case .damagedPicture: ("is a damaged picture", "Take the screenshot again.")
        case .tooLongForQR: ("is too long for a QR code", "Nothing shorter says the same.")
        case .unreadable: ("cannot be read", "Name a file or pipe.")
        case .notDone: ("could not be worked on, most likely for want of memory", "Close other programs and try again.")
        case .noWalls:
            (
                "was not looked at, because coffer-convert could not shut itself in",
                "It needs a kernel with seccomp, and a container that allows it."
            )
        }
    }

    /// The first stands behind the name of the file and the line.
    static func parts(_ refusal: TextRefusal) -> (why: String, remedy: String) {
        let shell = "The file is read, never run. Take the line out, or write its value in its place."
        let yaml = "Mend the file, or take what is not needed out of it."
        return switch refusal {
        case .tooLong: ("the file is larger than what is read", "Name the right file.")
        case .notUTF8: ("it is not UTF-8 text", "Name the right file.")
        case .controlCharacter: ("it has a control character", "Name the right file.")
        case .commandSubstitution: ("a value that only a program could tell ($(…), backticks)", shell)
        case .hereDocument: ("a here document", shell)
        case .unbalanced: ("a quotation mark, brace or fi without its other", "Mend the file.")
        case .function: ("a function", shell)
        case .parenthesis: ("a subshell or an array", shell)
        case .otherFile:
            (
                "it reads another file, and what that one sets is unknown",
                "Import the other file too, and take the line out."
            )
        case .unknownCommand: ("a command that only running it would tell", shell)
        case .expansion: ("an expansion that only a shell does", shell)
        case .tooMuch: ("more settings, or longer ones, than such a file has", "Name the right file.")
        case .syntax: ("it is not YAML", "Mend the file.")
        case .severalDocuments: ("a second document", yaml)
        case .duplicateKey: ("a key that is there already", yaml)
        case .tooDeep: ("structures that are nested too deep", yaml)
        case .tooManyNodes: ("more than can be taken in, aliases included", yaml)
        case .alias: ("an alias of what is not there, or where it means nothing", yaml)
        case .tag: ("a tag, by which the text is not what it looks like", yaml)
        case .notAMapping: ("no mapping where one must be", yaml)
        case .name: ("a name that no cloud and no setting can have", yaml)
        case .noClouds: ("there are no clouds in it", "Name a clouds.yaml.")
        }
    }
}
