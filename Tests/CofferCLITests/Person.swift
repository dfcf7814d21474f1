/// Somebody beside the program in a test: a thread of its own, because a test that waits keeps its thread.
import Glibc
import Synchronization

/// Work on a thread of its own; `value` waits for it.
final class Person<Result: Sendable>: Sendable {
    private let result = Mutex<Result?>(nil)
    private let work: @Sendable () -> Result

    init(_ work: @escaping @Sendable () -> Result) {
        self.work = work
        var thread = pthread_t()
        // The thread holds this object until it has put the result in place.
        let held = unsafe Unmanaged.passRetained(Box { [self] in result.withLock { $0 = work() } })
        let status = unsafe pthread_create(
            &thread, nil,
            {
                unsafe Unmanaged<Box>.fromOpaque($0!).takeRetainedValue().run()
                return nil
            }, held.toOpaque())
        precondition(status == 0)
        pthread_detach(thread)
    }

    var value: Result {
        while true {
            if let value = result.withLock({ $0 }) { return value }
            usleep(1000)
        }
    }
}

/// What the new thread runs.
private final class Box {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}
