/** A message of an event stream (WHATWG HTML, 9.2.6). */
export interface StreamEvent {
  readonly type: string
  readonly data: string
  /** The last id of the stream; `''` if it sent none. */
  readonly id: string
}

/** Consumes the bytes of an event stream, in chunks of any size. */
export type EventParser = (chunk: Uint8Array) => void

/** Creates a parser of event streams (WHATWG HTML, 9.2.6). An incomplete last message is dropped. */
export function eventParser(onEvent: (event: StreamEvent) => void): EventParser {
  // It buffers the bytes of an incomplete character and drops a byte order mark.
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
    // A line that starts with a colon is a comment.
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
