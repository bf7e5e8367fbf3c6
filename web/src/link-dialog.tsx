import { Button, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RepairLink } from '../../src/client/index.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useActions } from './actions.tsx'
import type { EntryDialogProps } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'

/** Creates a repair link, with which another user can sign the entry in again. */
export function LinkDialog({ entryId, title, onClose }: EntryDialogProps) {
  const { t, time } = useLanguage()
  const { act } = useActions()
  const { entries } = useLatchkey()
  const [link, setLink] = useState<RepairLink | 'revoked' | null>(null)
  useEffect(() => {
    let left = false
    void act(() => entries.createLink(entryId)).then((made) => !left && setLink(made))
    return () => {
      left = true
    }
  }, [act, entries, entryId])
  const revoke = async (): Promise<void> => {
    if ((await act(() => entries.revokeLinks(entryId).then(() => true))) !== null) setLink('revoked')
  }
  return (
    <Stack>
      <Working active={link === null} text={t('working')} />
      {link === 'revoked' && <Text role="status">{t('revoked', { name: title })}</Text>}
      {link !== null && link !== 'revoked' && (
        <>
          <Text size="sm">{t('linkText', { name: title, until: time(link.expiresAt) })}</Text>
          <TextInput
            readOnly
            aria-label={t('linkAddress')}
            value={link.url}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </>
      )}
      <Group justify="flex-end" gap="xs">
        {link !== null && link !== 'revoked' && (
          <Button variant="default" onClick={revoke} me="auto">
            {t('revoke')}
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          {t('close')}
        </Button>
        {link !== null && link !== 'revoked' && (
          <CopyButton value={link.url}>
            {({ copied, copy }) => (
              <Button data-autofocus onClick={copy}>
                {t(copied ? 'copied' : 'copy')}
              </Button>
            )}
          </CopyButton>
        )}
      </Group>
    </Stack>
  )
}
