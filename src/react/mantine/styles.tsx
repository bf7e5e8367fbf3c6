import { useMantineStyleNonce } from '@mantine/core'
import { tokens } from './tokens.ts'

/**
 * Adds the style sheet of a component to the head of the document, once, so that hosts import no CSS file. `css` uses the
 * variables of `tokens`, and classes with the prefix `lk-`.
 */
export function Styles(props: { readonly name: string; readonly css: string }) {
  const nonce = useMantineStyleNonce()?.()
  return (
    <>
      <style href="latchkey-tokens" precedence="latchkey" nonce={nonce}>
        {tokens}
      </style>
      <style href={`latchkey-${props.name}`} precedence="latchkey" nonce={nonce}>
        {props.css}
      </style>
    </>
  )
}
