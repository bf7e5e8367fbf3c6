import type { AnyOperation } from './operation.ts'

/** Returns a function from a path to the methods that it accepts, in the format of `Allow`, or `null` for an unknown path. */
export function allowedMethods(
  operations: readonly AnyOperation[],
  basePath: string,
): (path: string) => string | null {
  const paths = Map.groupBy(operations, ({ path }) => path)
  const known = [...paths].map(([path, ones]) => {
    const methods = ones.map(({ method }) => method.toUpperCase())
    if (methods.includes('GET')) methods.push('HEAD')
    const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)
    return { pattern, allow: methods.sort().join(', ') }
  })
  return (path) => {
    const below = path.slice(basePath.length)
    return known.find(({ pattern }) => pattern.test(below))?.allow ?? null
  }
}
