/// `coffer completion`: what a shell needs to complete commands and options.
import ArgumentParser

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script for bash, zsh or fish.",
        discussion: """
            Commands, options and file names are completed; titles are not, because they are in the encrypted vault.

            Examples:
              coffer completion bash > ~/.local/share/bash-completion/completions/coffer
              coffer completion zsh > ~/.zfunc/_coffer
              coffer completion fish > ~/.config/fish/completions/coffer.fish
            """)

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try Output.standard.print(Coffer.completionScript(for: kind))
    }
}
