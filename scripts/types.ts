// Checks the types of every project of the repository, two at a time: `npm run types`.
// TypeScript 7 takes half the processor time of 6, which ts-jest and the tests of the docs still need.
// Two threads of one compiler would take twice the processor time of one: the others check the same library again.
// Build information from the last run stays in node_modules/.cache, so that a second run checks only what has changed.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const compiler = join(root, 'node_modules/typescript-7/bin/tsc')

/** The projects, the slowest first. */
const projects = ['.', 'web', 'test/page', 'src/react/mantine', 'machines']

/** Checks one project. Resolves with whether it has no errors. */
function check(project: string): Promise<boolean> {
  const name = project === '.' ? 'root' : project.replaceAll('/', '-')
  const buildInfo = join(root, 'node_modules/.cache/types', `${name}.tsbuildinfo`)
  const args = [compiler, '-p', project, '--incremental', '--tsBuildInfoFile', buildInfo, '--singleThreaded']
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0)))
}

const waiting = [...projects]
const lane = async () => {
  for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
    if (!(await check(project))) process.exitCode = 1
  }
}
await Promise.all([lane(), lane()])
