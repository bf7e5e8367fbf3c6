import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The source file of each import specifier of the package. */
const sources: Readonly<Record<string, string[]>> = Object.fromEntries(
  Object.entries<{ types?: string }>(manifest.exports).flatMap(([subpath, { types }]) => {
    const source = types?.replace('./dist/', './').replace('.d.ts', '.ts')
    return source === undefined ? [] : [[subpath.replace('.', 'latchkey'), [source]]]
  }),
)

interface Example {
  readonly source: string
  readonly file: string
  readonly code: string
}

/** The code of each `@example` in a doc comment. */
function examplesOf(source: string): Example[] {
  const comments = readFileSync(join(root, source), 'utf8').match(/^ *\/\*\*[\s\S]*?\*\//gm) ?? []
  return comments.flatMap((comment, index) => {
    const text = comment.replace(/^ *\* ?/gm, '')
    const code = /@example\n+```(tsx?)\n([\s\S]*?)```/.exec(text)
    if (code === null) return []
    // Next to the example integration, so that examples can import it.
    const file = join(root, `examples/my-hub/${source.replaceAll('/', '-')}-${index}.${code[1]}`)
    return [{ source, file, code: `${code[2]}\nexport {}\n` }]
  })
}

const examples = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .sort()
  .flatMap((file) => examplesOf(`src/${file}`))

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  jsx: ts.JsxEmit.ReactJSX,
  types: ['node'],
  paths: sources,
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
}

function createProgram(): ts.Program {
  const files = new Map(examples.map(({ file, code }) => [file, code]))
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.getCurrentDirectory = () => root
  host.fileExists = (name) => files.has(name) || fileExists(name)
  host.readFile = (name) => files.get(name) ?? readFile(name)
  host.getSourceFile = (name, language, ...others) => {
    const code = files.get(name)
    return code === undefined
      ? getSourceFile(name, language, ...others)
      : ts.createSourceFile(name, code, language)
  }
  return ts.createProgram([...files.keys(), ...Object.values(sources).flat()], options, host)
}

/** The exported functions of the package without an `@example`. */
function functionsWithoutExample(program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  return Object.entries(sources).flatMap(([specifier, [path = '']]) => {
    const file = program.getSourceFile(join(root, path))
    const module = file && checker.getSymbolAtLocation(file)
    const exported = module === undefined ? [] : checker.getExportsOfModule(module)
    return exported
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
      .filter(({ flags }) => flags & ts.SymbolFlags.Value)
      .filter((symbol) => checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0)
      .filter((symbol) => !symbol.getJsDocTags(checker).some(({ name }) => name === 'example'))
      .map(({ name }) => `${name} of ${specifier}`)
  })
}

describe('the examples in doc comments', () => {
  const program = createProgram()

  it.each(examples)('compile in $source', ({ file }) => {
    const source = program.getSourceFile(file)
    const problems = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
  })

  it('cover every exported function', () => {
    expect(functionsWithoutExample(program)).toEqual([])
  })
})
