/** One message of an event stream (WHATWG HTML, 9.2.6). */
export interface StreamEvent {
  readonly type: string
  readonly data: string
  /** The last id that the stream gave, `''` where it gave none. */
  readonly id: string
}

/** What takes the bytes of an event stream, in chunks that may be cut anywhere. */
export type EventParser = (chunk: Uint8Array) => void

/** Reads an event stream by the rules of WHATWG HTML, 9.2.6; a message that the stream does not finish is dropped. */
export function eventParser(onEvent: (event: StreamEvent) => void): EventParser {
  // It holds back the bytes of a character that is cut, and drops one byte order mark at the start.
  const decoder = new TextDecoder()
  let line = ''
  let afterReturn = false
  let type = ''
  let id = ''
  let data: string[] = []

  const take = (field: string, value: string): void => {
    if (field === 'data') data.push(value)
    else if (field === 'event') type = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  const end = (): void => {
    if (line === '') {
      if (data.length > 0) onEvent({ type: type || 'message', data: data.join('\n'), id })
      type = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    // A line that starts with a colon is a comment: its field has no name.
    if (colon === -1) take(line, '')
    else take(line.slice(0, colon), line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1)))
    line = ''
  }

  return (chunk) => {
    let text = decoder.decode(chunk, { stream: true })
    if (text === '') return
    if (afterReturn && text.startsWith('\n')) text = text.slice(1)
    afterReturn = text === '' ? false : text.endsWith('\r')
    const [first = '', ...rest] = text.split(/\r\n|\r|\n/)
    line += first
    for (const next of rest) {
      end()
      line = next
    }
  }
}
