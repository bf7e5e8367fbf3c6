/** Letters and digits that users do not confuse. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Returns a short random reference of a log line, for example `K7Q2-93`. Users can read it out. */
export function newRef(): string {
  const characters = [...crypto.getRandomValues(new Uint8Array(6))].map(
    (byte) => ALPHABET[byte % ALPHABET.length],
  )
  return `${characters.slice(0, 4).join('')}-${characters.slice(4).join('')}`
}
