import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RepairLink } from '../../src/client/index.ts'
import { useSelected } from '../../src/react/client-state.ts'
import { useEntry, useLatchkey } from '../../src/react/index.ts'
import { CopyButton } from '../../src/react/mantine/copy-button.tsx'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useTexts } from '../../src/react/mantine/use-texts.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useActions } from './actions.tsx'
import { DialogFoot } from './dialog.tsx'
import type { EntryDialogProps } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'

/** Creates a repair link, with which another user can sign the entry in again. */
export function LinkDialog({ entryId, title, onClose }: EntryDialogProps) {
  const { t, time } = useLanguage()
  const { act } = useActions()
  const texts = useTexts()
  const { entries } = useLatchkey()
  const entry = useEntry(entryId)
  const [link, setLink] = useState<RepairLink | 'revoked' | null>(null)
  const isLost = useSelected(({ connection }) => connection === 'lost')
  const isMissing = link === null
  useEffect(() => {
    if (!isMissing || isLost) return
    let left = false
    void act(() => entries.createLink(entryId)).then((made) => !left && setLink(made))
    return () => {
      left = true
    }
  }, [act, entries, entryId, isMissing, isLost])
  const revoke = async (): Promise<void> => {
    if ((await act(() => entries.revokeLinks(entryId).then(() => true))) !== null) setLink('revoked')
  }
  // The need has ended, so the link has too.
  const isUsed = entry?.reauth === null && link !== null && link !== 'revoked'
  const shown = link === 'revoked' || isUsed ? null : link
  const canShare = typeof navigator.share === 'function' && matchMedia('(pointer: coarse)').matches
  return (
    <Stack>
      <Working active={isMissing && !isLost} text={t('working')} />
      {isMissing && isLost && <Text role="status">{texts.t('notResponding')}</Text>}
      {link === 'revoked' && <Text role="status">{t('revoked', { name: title })}</Text>}
      {isUsed && <Text role="status">{t('linkUsed', { name: title })}</Text>}
      {shown !== null && (
        <>
          <Text size="sm">{t('linkText', { name: title, until: time(shown.expiresAt) })}</Text>
          <TextInput
            readOnly
            aria-label={t('linkAddress')}
            value={shown.url}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </>
      )}
      <DialogFoot>
        {shown !== null && (
          <Button variant="subtle" onClick={revoke} className="dialog-aside">
            {t('revoke')}
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          {t('close')}
        </Button>
        {shown !== null && canShare && (
          <Button
            variant="default"
            leftSection={<Icon name="outside" />}
            // The user may close the sheet of the phone.
            onClick={() => void navigator.share({ url: shown.url }).catch(() => {})}
          >
            {t('share')}
          </Button>
        )}
        {shown !== null && (
          <CopyButton
            data-autofocus
            variant="filled"
            size="sm"
            text={shown.url}
            label={t('copy')}
            done={t('copied')}
          />
        )}
      </DialogFoot>
    </Stack>
  )
}
