/**
 * Whether the client secret has signed the parameters of a callback, as Shopify documents it: `hmac` is the HMAC-SHA256 of
 * the other parameters, sorted by name, in hexadecimal. The comparison takes constant time. A parameter that occurs twice is
 * refused, because readers of the URL do not agree on its value.
 */
export async function hasHmac({ searchParams }: URL, clientSecret: string): Promise<boolean> {
  const names = [...searchParams.keys()]
  const hex = searchParams.get('hmac') ?? ''
  if (!/^[\da-f]{64}$/i.test(hex) || clientSecret === '' || new Set(names).size < names.length) return false
  const signed = new URLSearchParams(searchParams)
  signed.delete('hmac')
  signed.sort()
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(clientSecret), algorithm, false, ['verify'])
  const text = signed.toString().replaceAll('+', '%20')
  return crypto.subtle.verify(algorithm, key, Uint8Array.from(bytesOf(hex)), encoder.encode(text))
}

const bytesOf = (hex: string): number[] => (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))
