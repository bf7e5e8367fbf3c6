import { globSync } from 'node:fs'
import { join } from 'node:path'
import { createScriptTransformer } from '@jest/transform'

/** The sources that many test files import. */
const SHARED = [
  'machines/**/*.ts',
  'src/{adapters,authoring,engine,http,oauth,ports,testing,texts,transport}/**/*.ts',
  'src/*.ts',
]

/** What the modules of jest can use. */
const MODULE = {
  isInternalModule: false,
  supportsDynamicImport: true,
  supportsExportNamespaceFrom: true,
  supportsStaticESM: true,
  supportsTopLevelAwait: true,
}

/**
 * Compiles the shared sources before the workers start, if all tests run. With an empty cache, each worker would compile them
 * itself at the same time.
 */
export default async function warmCache(globalConfig, projectConfig) {
  if (globalConfig.testPathPatterns.isSet()) return
  const transformer = await createScriptTransformer(projectConfig)
  const { collectCoverage, collectCoverageFrom, coverageProvider, rootDir } = globalConfig
  const coverage = { collectCoverage, collectCoverageFrom, coverageProvider, globalRootDir: rootDir }
  for (const file of globSync(SHARED, { cwd: rootDir }))
    await transformer.transformAsync(join(rootDir, file), { ...MODULE, ...coverage })
}
