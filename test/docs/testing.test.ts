// The tests that docs/guides/testing.md shows.
import '../../examples/testing/host.test.ts'
import '../../examples/testing/my-hub.test.ts'
