/// The pages of `coffer help TOPIC`: what several commands have in common. docs/cli.md says the same at more length.

struct HelpTopic {
    let name: String
    let text: String

    // The parser reads this at every start, whatever the command: joining the names there took a twentieth of it.
    static let names = "exit-codes, naming, fields, secrets, json, environment, templates, recovery"

    static let all = [exitCodes, naming, fields, secrets, json, environment, templates, recovery]

    private static let exitCodes = HelpTopic(
        name: "exit-codes",
        text: """
            EXIT CODES

              0    done
              1    something else failed: the disk, the system, an answer of no
              2    not found, or ambiguous
              3    wrong password, key file or recovery key
              4    the vault is damaged or forged
              5    the vault is locked and there is no way to ask for the password
              6    the vault is in use, or was changed underneath
              7    a format, KDF or limit that is not supported
              8    two values, and nobody has chosen
              9    refused for safety
              64   the command line is not understood
              125  run: something of Coffer's own failed, and no program was run
              126  run: the program cannot be run
              127  run: there is no such program
              130  interrupted
              141  standard output was closed by its reader

            An error is one line on standard error: "coffer: error N: " with what happened, then what to do. coffer run ends
            with the status of the program that it runs, which can be any; with 125 the message has the number above.
            """)

    private static let naming = HelpTopic(
        name: "naming",
        text: """
            NAMING AN ENTRY

              work/vk-cloud              its exact title
              work/vk-cloud@anna         title@username; the longest existing title before an @ wins
              id:3f2a0c51                the start of its id, at least four digits (coffer show prints it)

            --username NAME narrows every one of them. When no entry or several have the name, the command ends with
            status 2 and names those that are near: it never guesses. A title with slashes is a path only to the eye:
            coffer ls work/ lists the titles that start so.
            """)

    private static let fields = HelpTopic(
        name: "fields",
        text: """
            FIELDS

              title         the name of the entry
              password      what coffer get prints when no field is named
              username      may be empty
              url, tag      an entry may have several
              notes         may have several lines
              otp           the current one-time password
              otp-secret    the key it is made of, in base32
              otp-uri       the key with its settings, as an otpauth address
              otp-pending   the same of a key that coffer enrol keeps until the service has accepted a code
              template      what coffer add and coffer edit ask for
              codes         backup codes: they are drawn, not read (coffer help codes)
              id            32 hexadecimal digits that never change

            Every other name is a custom field, secret unless it was set with --plain.
            """)

    private static let secrets = HelpTopic(
        name: "secrets",
        text: """
            PASSING SECRETS

            A secret is never an argument and never in the environment: other programs could see it there. It comes from

              the terminal             asked for, with nothing shown
              a pinentry program       asked for where there is no terminal, or always: coffer config set ask pinentry
              standard input           --password-stdin, or - for a value; at most one input may be standard input
              a file descriptor        --password-fd N         the master password: its first line
                                       --new-password-fd N     a new master password (init, passwd, verify --salvage)
                                       --recovery-key-fd N     the recovery key
                                       --value-fd N            a field's value

            Two secrets may come through one descriptor, one a line: the old and the new password, in this order.

              coffer get work/vk-cloud --password-fd 3 3<~/.secret-file
              coffer passwd --password-fd 3 --new-password-fd 3 3<both-lines

            Without a terminal and a pinentry program, or with --no-input, nothing is asked: the command is refused and names
            the option.
            """)

    private static let json = HelpTopic(
        name: "json",
        text: """
            JSON

            --json prints one JSON text. Members that are there stay there under their names; new ones may come. Times are
            RFC 3339 in UTC. Secrets appear only with --reveal, under "secrets".

              show          {"id","title","username","urls","tags","template","fields","has":{"password","otp","notes"},
                             "codes":{"sets","unused","used"},"conflicts","created","modified","state","secrets"?}
              ls, find      an array of the same
              otp           {"code","digits","period","remaining","next","valid_from","valid_until"}
              otp (all)     an array of {"id","title","username","kind","code",...}, or "counter", "conflict" or "unreadable"
              codes next    {"code","unused"}
              codes list    an array of {"set","state","created","codes":[{"code"?,"used","used_at","used_by"}]}
              history       an array of {"field","version","at","machine","event","current","secret","value"?}
              generate      an array of {"value","entropy_bits"}
              keys          an array of {"id","role","kdf","iterations"?,"passes"?,"memory_kib"?,"key_file","test",
                             "created","machine"}
              verify        {"ok","entries","deep","damaged":[{"id","title"}]}
              verify --salvage    {"output","rescued","missing":[{"id","title"}] or null}
              backups       an array of {"number","replaced","bytes","path"}
              backups restore     {"number","replaced","restored":[{"id","title","fields","added"}]}
              backups restore --replace    {"number","replaced","entries"}
              status        {"running","version","pid","vaults":[{"vault","entries","machine","locks_in","lifetime_left",
                             "bulk"}]}
              conflicts     an array of {"title","id","field","values":[{"version","machine","at","value"?}]}
              openstack env {"set","unset","secrets"?}
              config list   an object of the settings
            docs/cli.md has the rest (merge, sync, rotate --todo) and what every member means.
            """)

    private static let environment = HelpTopic(
        name: "environment",
        text: """
            ENVIRONMENT

              COFFER_VAULT       the vault, unless --vault names one
              XDG_DATA_HOME      else the vault is $XDG_DATA_HOME/coffer/vault.coffer (~/.local/share)
              XDG_STATE_HOME     what this machine remembers: $XDG_STATE_HOME/coffer (~/.local/state)
              XDG_CONFIG_HOME    the settings of coffer config: $XDG_CONFIG_HOME/coffer/config (~/.config)
              HOME               stands behind all three
              XDG_RUNTIME_DIR    the agent's socket, locks for asking in turn, secrets of coffer openstack clouds-yaml: in
                                 coffer there (/run/user/UID)
              PINENTRY           the program that asks where there is no terminal, unless the setting names one
              NO_COLOR           no colour when it is set and not empty
              WAYLAND_DISPLAY, DISPLAY, PATH, TERM
                                 how --clip reaches the clipboard; inside tmux or screen the terminal has none

            Beside a vault lie VAULT.lock, which writers lock in turn, and VAULT.backups, its earlier states. No secret is
            ever taken from the environment.
            """)

    private static let templates = HelpTopic(
        name: "templates",
        text: """
            TEMPLATES

            coffer add TITLE --template NAME asks for what an entry of that kind has; every answer may be left empty.

              login                 user name, password (the default)
              vk-cloud              e-mail, password, TOTP key, backup codes, project id, region, auth URL,
                                    user domain (users)
              vk-project            the entry of the account, project id, region, auth URL
              vk-service-account    user name and password, or an application credential; project id, region, auth URL
              s3-keys               access-key-id, secret-access-key, endpoint, region; a second pair, for rotation:
                                    coffer set TITLE access-key-id-2, secret-access-key-2
              ssh-key               user name, passphrase, private-key (a file, up to 1 MiB), public-key
              api-key               key id or user name, key
              note                  notes

            A template decides only what is asked. Every entry can have every field.
            """)

    private static let recovery = HelpTopic(
        name: "recovery",
        text: """
            WHEN SOMETHING IS LOST

              the master password      coffer passwd --recovery-key
              the recovery key         coffer kit new          (with the master password)
              both                     nobody can open the vault, by design
              a value                  coffer history TITLE, coffer undo TITLE FIELD
              several values           coffer backups, coffer backups restore N
              the file is damaged      coffer verify names the damage; coffer backups restore N --replace puts an earlier
                                       file back; coffer verify --salvage OUT rescues every intact entry

            Check the recovery key once a year: coffer kit check
            """)
}
