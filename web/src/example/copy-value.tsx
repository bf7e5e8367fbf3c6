import { ActionIcon, VisuallyHidden } from '@mantine/core'
import { useEffect, useState } from 'react'
import { copyText } from '../../../src/react/mantine/copy-text.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import { useLanguage } from '../language.tsx'

/** The duration of the confirmation of a copy, in milliseconds. */
const CONFIRMED = 2_000

/** A small button that copies a value. */
export function CopyValue({ value, label }: { readonly value: string; readonly label: string }) {
  const { t } = useLanguage()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), CONFIRMED)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <>
      <ActionIcon
        size={32}
        aria-label={t('copyOf', { what: label })}
        title={t('copyOf', { what: label })}
        onClick={() => void copyText(value).then(setCopied)}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </ActionIcon>
      <VisuallyHidden role="status">{copied ? t('copied') : ''}</VisuallyHidden>
    </>
  )
}
