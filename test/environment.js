import vm from 'node:vm'
import { TestEnvironment } from 'jest-environment-node'

const { SourceTextModule } = vm

/** The compiled modules of this process, by path. */
const compiled = new Map()

/** Reads the compiled code of a module that an earlier test file has imported. Jest compiles each module for each file. */
vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options) {
    const known = compiled.get(options.identifier)
    const isKnown = known?.code === code
    super(code, isKnown ? { ...options, cachedData: known.data } : options)
    if (!isKnown && options.identifier !== undefined)
      compiled.set(options.identifier, { code, data: this.createCachedData() })
  }
}

export default TestEnvironment
