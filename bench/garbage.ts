import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Collects all garbage, so that no contender pays for the garbage of the previous one. */
export function collectGarbage(): void {
  collect()
}
