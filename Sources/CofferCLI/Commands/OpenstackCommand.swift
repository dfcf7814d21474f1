/// `coffer openstack`: the settings of OpenStack clouds, in and out of the vault.
import ArgumentParser

struct OpenstackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openstack", abstract: "Take OpenStack settings over, and hand them to other programs.",
        discussion: """
            Examples:
              coffer openstack import ~/Downloads/myproject-openrc.sh --account work/vk-cloud
              coffer run --os-cloud myproject -- openstack server list
            """,
        subcommands: [
            OpenstackImportCommand.self, OpenstackEnvCommand.self, OpenstackEnvFileCommand.self,
            OpenstackCloudsYAMLCommand.self,
        ])
}
