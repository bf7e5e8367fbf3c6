import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { eventParser, type StreamEvent } from '../../src/client/event-parser.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function read(...chunks: readonly Uint8Array[]): StreamEvent[] {
  const events: StreamEvent[] = []
  const parse = eventParser((event) => events.push(event))
  for (const chunk of chunks) parse(chunk)
  return events
}

const one = (data: string, more: Partial<StreamEvent> = {}): StreamEvent => ({
  type: 'message',
  data,
  id: '',
  ...more,
})

describe('eventParser', () => {
  const cases: readonly (readonly [string, string, readonly StreamEvent[]])[] = [
    ['a message', 'id: 7\nevent: flow\ndata: {}\n\n', [one('{}', { type: 'flow', id: '7' })]],
    ['lines that end in CRLF', 'event: flow\r\ndata: a\r\n\r\n', [one('a', { type: 'flow' })]],
    ['lines that end in CR', 'event: flow\rdata: a\r\rdata: b\r\r', [one('a', { type: 'flow' }), one('b')]],
    ['mixed line ends', 'data: a\r\ndata: b\rdata: c\n\r\n', [one('a\nb\nc')]],
    ['a byte order mark at the start', '\uFEFFdata: a\n\n', [one('a')]],
    ['only one byte order mark', '\uFEFF\uFEFFdata: a\n\n', []],
    ['data of several lines', 'data: a\ndata:\ndata: b\n\n', [one('a\n\nb')]],
    ['comments', ': ping\n\n:\ndata: a\n: in between\ndata: b\n\n', [one('a\nb')]],
    ['only one space after the colon', 'data:  a\ndata:b\n\n', [one(' a\nb')]],
    ['a field without a colon', 'data\n\n', [one('')]],
    ['colons in a value', 'data: a:b: c\n\n', [one('a:b: c')]],
    ['no message without data', 'event: flow\nid: 1\n\ndata: a\n\n', [one('a', { id: '1' })]],
    [
      'an id for all messages until the next one',
      'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
      [one('a', { id: '1' }), one('b', { id: '1' }), one('c')],
    ],
    ['no id with a NUL', 'id: 1\nid: 2\0\ndata: a\n\n', [one('a', { id: '1' })]],
    ['no unknown field', 'dat: b\ndatas: c\nretry: 5\ndata: a\n\n', [one('a')]],
    ['no incomplete message', 'data: a\n\ndata: b\n', [one('a')]],
  ]

  it.each(cases)('parses %s', (_, text, events) => {
    expect(read(encode(text))).toEqual(events)
  })

  it('returns the same messages for any chunks', () => {
    const piece = fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      ':',
      ' ',
      'data',
      'data: ',
      'id: ',
      'event: ',
      'ä',
      '🗝',
      '\uFEFF',
      'x',
    )
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
    const cuts = fc.array(fc.nat(200), { maxLength: 12 })
    fc.assert(
      fc.property(text, cuts, (written, at) => {
        const bytes = encode(`data: first\n\n${written}\n\n`)
        const ends = [...at.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
        const single = [...bytes].map((byte) => Uint8Array.of(byte))
        expect(read(...chunks)).toEqual(read(bytes))
        expect(read(...single)).toEqual(read(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('parses a long line in many chunks in linear time', () => {
    const before = process.cpuUsage()
    const chunk = encode('x'.repeat(1_000))
    const events = read(encode('data: '), ...Array.from({ length: 20_000 }, () => chunk), encode('\n\n'))
    expect(events[0]?.data).toHaveLength(20_000_000)
    const { user } = process.cpuUsage(before)
    expect(user / 1_000).toBeLessThan(5_000)
  })
})
