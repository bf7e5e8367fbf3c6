import { Button, type ButtonProps } from '@mantine/core'
import { useEffect, useState } from 'react'
import { copyText } from './copy-text.ts'
import { Icon } from './icon.tsx'

/** The duration of the confirmation of a copy, in milliseconds. */
const CONFIRMED = 2_000

/** A button that copies a text, and confirms it. */
export function CopyButton(
  props: ButtonProps & {
    readonly text: string
    readonly label: string
    /** The label after a copy. */
    readonly done: string
    readonly 'data-autofocus'?: boolean
  },
) {
  const { text, label, done, ...button } = props
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), CONFIRMED)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<Icon name={copied ? 'check' : 'copy'} size={15} />}
      {...button}
      aria-live="polite"
      onClick={() => void copyText(text).then(setCopied)}
    >
      {copied ? done : label}
    </Button>
  )
}
