import type { Terminal } from './command.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const BACKSPACE: readonly string[] = ['\b', '\u007f']

/** The marks that terminals send around a pasted text. */
const PASTE = ['\u001b[200~', '\u001b[201~']

/**
 * Reads a text of several lines from a terminal in raw mode, until Ctrl-D or the end of the input. Line breaks become
 * `\n`. Returns null after Ctrl-C.
 */
export function readLines({ input, signal }: Pick<Terminal, 'input' | 'signal'>): Promise<string | null> {
  return new Promise((resolve) => {
    const decoder = new TextDecoder()
    let typed = ''
    const end = (text: string | null) => {
      input.off('data', read).off('end', finish).pause()
      signal.removeEventListener('abort', cancel)
      resolve(text)
    }
    const cancel = () => end(null)
    const finish = () => end(edited(typed))
    const read = (data: Buffer | string) => {
      typed += typeof data === 'string' ? data : decoder.decode(data, { stream: true })
      if (typed.includes(CTRL_C)) return cancel()
      const last = typed.indexOf(CTRL_D)
      if (last < 0) return
      typed = typed.slice(0, last)
      finish()
    }
    if (signal.aborted) return cancel()
    signal.addEventListener('abort', cancel, { once: true })
    input.on('data', read).on('end', finish).resume()
  })
}

/** Returns the text that the typed keys make. */
function edited(typed: string): string {
  const plain = PASTE.reduce((text, mark) => text.replaceAll(mark, ''), typed)
  const letters: string[] = []
  for (const letter of plain.replace(/\r\n?/g, '\n')) {
    if (BACKSPACE.includes(letter)) letters.pop()
    else letters.push(letter)
  }
  return letters.join('')
}
