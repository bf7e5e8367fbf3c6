import type { Command } from 'commander'
import type { Outcome, Terminal } from './command.ts'
import { exampleOf } from './example-of.ts'
import { keyStatus, pruneKeys, rotateKeys } from './keys.ts'

/** Adds `latchkey keys` with its commands. `print` prints the result of a command. */
export function addKeyCommands(
  program: Command,
  terminal: Terminal,
  print: (command: Command, outcome: Outcome) => void,
): void {
  const keys = program.command('keys').description('rotate the keys that encrypt stored secrets')
  keys
    .command('status')
    .description('count the encrypted values of each key')
    .addHelpText('after', exampleOf('latchkey keys status'))
    .action(async (_, command: Command) =>
      print(command, await keyStatus(terminal, command.optsWithGlobals())),
    )
  keys
    .command('rotate')
    .description('add a key and encrypt all stored secrets with it')
    .addHelpText('after', exampleOf('latchkey keys rotate'))
    .action(async (_, command: Command) =>
      print(command, await rotateKeys(terminal, command.optsWithGlobals())),
    )
  keys
    .command('prune')
    .description('remove the keys that decrypt no stored secret')
    .option('--yes', 'skip the confirmation')
    .addHelpText('after', exampleOf('latchkey keys prune'))
    .action(async (_, command: Command) =>
      print(command, await pruneKeys(terminal, command.optsWithGlobals())),
    )
}
