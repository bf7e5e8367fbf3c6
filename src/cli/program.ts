import { Command, CommanderError } from 'commander'
import { backup, restore } from './backup.ts'
import { cancel } from './cancel.ts'
import { type Outcome, printOutcome, type Terminal } from './command.ts'
import { doctor } from './doctor.ts'
import { UsageError } from './errors.ts'
import { exampleOf } from './example-of.ts'
import { EXIT, type ExitCode, exitCodeOf, exitCodesHelp } from './exit-codes.ts'
import { add, change, reauth } from './flow-commands.ts'
import { formats, graph, machineNames } from './graph.ts'
import { history } from './history.ts'
import { ignore, unignore } from './ignore.ts'
import { addKeyCommands } from './key-commands.ts'
import { list } from './list.ts'
import { migrate } from './migrate.ts'
import { readManifest } from './package-root.ts'
import { problemOf } from './problem.ts'
import { remove } from './remove.ts'
import { requestReauth, withdrawReauth } from './request-reauth.ts'
import { resetAttempts } from './reset-attempts.ts'
import { serve } from './serve.ts'
import { unload } from './unload.ts'

const formHelp = `
Secrets are entered at a hidden prompt, piped, or read from the environment. Other users of this machine can read
arguments, so secrets are not accepted there.
  latchkey add my_hub --input - < fields.json              a JSON object: {"host": "…", "apiToken": "…"}
  LATCHKEY_API_TOKEN=… latchkey add my_hub --set host=hub.local --json`

/** Runs a command line. Errors are printed and returned as an exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done
  const program = createProgram(terminal, (code) => {
    exit = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exit
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done
    const problem = problemOf(thrown instanceof CommanderError ? toUsageError(thrown) : thrown)
    if (args.includes('--json')) terminal.output.write(`${JSON.stringify(problem)}\n`)
    else terminal.errors.write(`${problem.detail}\n`)
    return exitCodeOf(problem.code)
  }
}

/** Creates the commands and their options. `done` receives the exit code. */
export function createProgram(terminal: Terminal, done: (exit: ExitCode) => void): Command {
  const program = new Command('latchkey')
    .description('Links accounts, and repairs them when their credentials stop working.')
    .version(readManifest().version)
    .option('--config <path>', 'configuration file (default: latchkey.config.{ts,mjs,js})')
    .option('--json', 'print one JSON document and never prompt')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      writeErr: (text) => terminal.errors.write(text),
      // runCli prints errors without the values of arguments, which may contain secrets.
      outputError: () => {},
    })
    .addHelpText('afterAll', `\n${exitCodesHelp}`)

  const print = (command: Command, outcome: Outcome) => {
    printOutcome(terminal, command.optsWithGlobals(), outcome)
    done(outcome.exit)
  }

  program
    .command('serve')
    .description('serve the page and the API on this machine')
    .option('--port <number>', 'TCP port, 0 for a free one (default: http.port or 8124)', port)
    .option('--no-open', 'do not open a browser')
    .option('--token-file [path]', 'keep the key of the page in a file across restarts')
    .addHelpText('after', exampleOf('latchkey serve --port 0'))
    .action(async (_, command: Command) => done(await serve(terminal, command.optsWithGlobals())))

  program
    .command('list')
    .description('list the entries')
    .option('--all', 'include discoveries and ignored entries')
    .option('--connect', 'connect all entries first')
    .option('--check', 'exit with 3 if an entry needs attention')
    .addHelpText('after', exampleOf('latchkey list --check'))
    .action(async (_, command: Command) => print(command, await list(terminal, command.optsWithGlobals())))

  withFormOptions(program.command('add <domain>'), 'latchkey add my_hub --set host=hub.local')
    .description('add an entry or a sub-entry')
    .option('--to <entry>', 'entry of the new sub-entry')
    .option('--type <type>', 'type of the new sub-entry')
    .action(async (domain: string, _, command: Command) =>
      print(command, await add(terminal, command.optsWithGlobals(), domain)),
    )

  withFormOptions(program.command('reauth [entry]'), 'latchkey reauth')
    .description('replace the credential of an entry')
    .action(async (entry: string | undefined, _, command: Command) =>
      print(command, await reauth(terminal, command.optsWithGlobals(), entry)),
    )

  withFormOptions(program.command('reconfigure <entry>'), 'latchkey reconfigure "My Hub" --set host=10.0.0.5')
    .description('change the settings of an entry or sub-entry')
    .option('--subentry <id or title>', 'sub-entry to change')
    .action(async (entry: string, _, command: Command) =>
      print(command, await change(terminal, command.optsWithGlobals(), { source: 'reconfigure', entry })),
    )

  withFormOptions(program.command('replace <entry>'), 'latchkey replace "My Hub"')
    .description('replace the account of an entry')
    .action(async (entry: string, _, command: Command) =>
      print(command, await change(terminal, command.optsWithGlobals(), { source: 'replace', entry })),
    )

  withFormOptions(program.command('options <entry>'), 'latchkey options "My Hub" --set interval=60')
    .description('change the options of an entry')
    .action(async (entry: string, _, command: Command) =>
      print(command, await change(terminal, command.optsWithGlobals(), { source: 'options', entry })),
    )

  program
    .command('remove <entry>')
    .description('remove an entry or a sub-entry')
    .option('--subentry <id or title>', 'sub-entry to remove')
    .option('--yes', 'skip the confirmation')
    .addHelpText('after', exampleOf('latchkey remove "My Hub" --yes'))
    .action(async (entry: string, _, command: Command) =>
      print(command, await remove(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('cancel <flow>')
    .description('cancel an open flow')
    .addHelpText('after', exampleOf('latchkey cancel 3c4d…'))
    .action(async (flow: string, _, command: Command) =>
      print(command, await cancel(terminal, command.optsWithGlobals(), flow)),
    )

  program
    .command('unload <entry>')
    .description('close the connection of an entry')
    .option('--force', 'release a connection that does not close')
    .addHelpText('after', exampleOf('latchkey unload "My Hub" --force'))
    .action(async (entry: string, _, command: Command) =>
      print(command, await unload(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('ignore <found>')
    .description('ignore a discovered account or device')
    .addHelpText('after', exampleOf('latchkey ignore "Kitchen hub"'))
    .action(async (found: string, _, command: Command) =>
      print(command, await ignore(terminal, command.optsWithGlobals(), found)),
    )

  program
    .command('unignore <entry>')
    .description('stop ignoring an account or device')
    .addHelpText('after', exampleOf('latchkey unignore "Kitchen hub"'))
    .action(async (entry: string, _, command: Command) =>
      print(command, await unignore(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('migrate')
    .description('bring the tables to this version, after a backup')
    .option('--check', 'list the pending migrations, exit with 3 if any')
    .option('--backup <file>', 'file of the backup, if the store can make one')
    .option('--backed-up', 'skip the backup, because you have made one')
    .addHelpText('after', exampleOf('latchkey migrate --check'))
    .action(async (_, command: Command) => print(command, await migrate(terminal, command.optsWithGlobals())))

  program
    .command('backup <file>')
    .description('copy the database to a new file, without the key')
    .addHelpText('after', exampleOf('latchkey backup backup.db'))
    .action(async (file: string, _, command: Command) =>
      print(command, await backup(terminal, command.optsWithGlobals(), file)),
    )

  program
    .command('restore <file>')
    .description('replace the database by a backup')
    .option('--yes', 'skip the confirmation')
    .addHelpText('after', exampleOf('latchkey restore backup.db'))
    .action(async (file: string, _, command: Command) =>
      print(command, await restore(terminal, command.optsWithGlobals(), file)),
    )

  addKeyCommands(program, terminal, print)

  program
    .command('history <entry>')
    .description('print the history of an entry')
    .addHelpText('after', exampleOf('latchkey history "My Hub"'))
    .action(async (entry: string, _, command: Command) =>
      print(command, await history(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('request-reauth <entry>')
    .description('ask the user to sign in again')
    .option('--reason <text>', 'reason that the user sees')
    .addHelpText('after', exampleOf('latchkey request-reauth "My Hub" --reason "Your plan has changed."'))
    .action(async (entry: string, _, command: Command) =>
      print(command, await requestReauth(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('withdraw-reauth <entry>')
    .description('withdraw a requested sign-in')
    .addHelpText('after', exampleOf('latchkey withdraw-reauth "My Hub"'))
    .action(async (entry: string, _, command: Command) =>
      print(command, await withdrawReauth(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('reset-attempts [entry]')
    .description('allow sign-ins again after too many attempts')
    .option('--domain <domain>', 'integration whose accounts may be added again')
    .addHelpText('after', exampleOf('latchkey reset-attempts --domain my_hub'))
    .action(async (entry: string | undefined, _, command: Command) =>
      print(command, await resetAttempts(terminal, command.optsWithGlobals(), entry)),
    )

  program
    .command('doctor')
    .description('check the installation')
    .option('--connect', 'connect all entries first')
    .addHelpText('after', exampleOf('latchkey doctor --connect'))
    .action(async (_, command: Command) => print(command, await doctor(terminal, command.optsWithGlobals())))

  program
    .command('graph <machine>')
    .description('print a statechart')
    .option('--format <format>', formats.join(' or '), oneOf(formats), 'mermaid')
    .addHelpText('after', `\nMachines: ${machineNames.join(', ')}`)
    .addHelpText('after', exampleOf('latchkey graph config-flow --format svg > config-flow.svg'))
    .action(async (machine: string, _, command: Command) =>
      print(command, await graph(command.optsWithGlobals(), machine)),
    )

  return program
}

/** Adds the options of commands that fill in forms. */
function withFormOptions(command: Command, example: string): Command {
  return command
    .option('--set <name=value>', 'non-secret field, repeatable', collect)
    .option('--input <->', 'read fields as a JSON object from standard input', oneOf(['-']))
    .option('--no-open', 'do not open a browser for the sign-in')
    .addHelpText('after', exampleOf(example) + formHelp)
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]

const oneOf = (allowed: readonly string[]) => (value: string) => {
  if (!allowed.includes(value)) throw new UsageError(`Invalid option value. Use ${allowed.join(' or ')}.`)
  return value
}

function port(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number < 65_536) return number
  throw new UsageError('Invalid port. Use 0 to 65535.')
}

/** Converts a usage error. The message does not repeat arguments, because they may contain a secret by mistake. */
function toUsageError({ code, message }: CommanderError): UsageError {
  switch (code) {
    case 'commander.help':
      return new UsageError('Missing command. See latchkey --help.')
    case 'commander.unknownCommand':
      return new UsageError('Unknown command. See latchkey --help.')
    case 'commander.unknownOption':
      return new UsageError(
        'Unknown option. Pass fields with --set name=value, and secrets at the prompt, with --input - or in the environment. See --help.',
      )
    case 'commander.excessArguments':
      return new UsageError('Too many arguments. See --help.')
    default:
      return new UsageError(`${message.replace(/^error: /, '')}. See --help.`)
  }
}
