/// Tests which names count as near.
import CofferModel
import Testing

struct NearNamesTests {
    @Test(arguments: [
        ("show", "show", 0), ("shwo", "show", 1), ("sho", "show", 1), ("SHOW", "show", 0), ("", "abc", 3),
        ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
    func `slips are counted, a swap of neighbours once`(_ left: String, _ right: String, _ slips: Int) {
        #expect(NearNames.slips(left, right) == slips)
        #expect(NearNames.slips(right, left) == slips)
    }

    @Test func `the nearest come first and far ones not at all`() {
        let names = ["add", "show", "ls", "find", "history", "work/vk-cloud", "work/gitlab"]
        #expect(NearNames.nearest(to: "shwo", among: names) == ["show"])
        #expect(NearNames.nearest(to: "WORK/vkcloud", among: names) == ["work/vk-cloud"])
        #expect(NearNames.nearest(to: "work", among: names) == ["work/gitlab", "work/vk-cloud"])
        #expect(NearNames.nearest(to: "zebra", among: names) == [])
        // Of two letters one slip is half: a name that has both is nearer.
        #expect(NearNames.nearest(to: "vk", among: ["vm", "work/vk-cloud"]) == ["work/vk-cloud", "vm"])
        #expect(NearNames.nearest(to: "", among: names) == [])
    }

    @Test func `no more are given than asked for`() {
        #expect(NearNames.nearest(to: "entry-1", among: (1...100).map { "entry-\($0)" }, limit: 2).count == 2)
        #expect(NearNames.nearest(to: "entry-1", among: (1...100).map { "entry-\($0)" }, limit: 2)[0] == "entry-1")
    }
}
