import { Button, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { useClientState, useLatchkey } from '../../src/react/index.ts'
import { useActions } from './actions.tsx'
import { Dialog, DialogFoot } from './dialog.tsx'
import { useEntryActions } from './entry-actions.ts'
import type { EntryDialog, EntryDialogProps } from './entry-dialog.ts'
import { useLanguage } from './language.tsx'
import { LinkDialog } from './link-dialog.tsx'
import { removed } from './removed.ts'
import { toast } from './toast.ts'

/** Renders the open dialog, if any. */
export default function EntryDialogs(props: {
  readonly dialog: EntryDialog | null
  readonly onClose: () => void
}) {
  const { dialog, onClose } = props
  const { t } = useLanguage()
  const { type, title = '' } = dialog ?? {}
  const heading = {
    rename: t('rename'),
    remove: t('removeTitle', { name: title }),
    link: t('linkOf', { name: title }),
  }
  return (
    <Dialog
      opened={dialog !== null}
      onClose={onClose}
      title={type === undefined ? '' : heading[type]}
      size={type === 'link' ? 'lg' : 'md'}
    >
      {dialog?.type === 'rename' && <RenameDialog {...dialog} onClose={onClose} />}
      {dialog?.type === 'remove' && <RemoveDialog {...dialog} onClose={onClose} />}
      {dialog?.type === 'link' && <LinkDialog {...dialog} onClose={onClose} />}
    </Dialog>
  )
}

function RenameDialog({ entryId, title, onClose }: EntryDialogProps) {
  const { t } = useLanguage()
  const { busy } = useActions()
  const actions = useEntryActions()
  const [name, setName] = useState(title)
  const rename = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!busy && (await actions.rename({ entryId, title }, name))) onClose()
  }
  return (
    <form onSubmit={rename}>
      <Stack>
        <TextInput
          data-autofocus
          required
          withAsterisk={false}
          label={t('newName')}
          description={t('nameHelp')}
          maxLength={200}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <DialogFoot>
          <Button variant="default" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" disabled={name.trim() === ''}>
            {t('save')}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  )
}

function RemoveDialog({ entryId, title, subentryId, onClose }: EntryDialogProps) {
  const { t } = useLanguage()
  const { act, busy } = useActions()
  const client = useLatchkey()
  const actions = useEntryActions()
  const { attention, entries, entryList } = useClientState()
  const entry = entries.get(entryId)
  const name = entry?.title ?? entryId
  // A damaged entry is only in the attention list.
  const isGone =
    entry === undefined
      ? entryList === 'complete' && !attention.has(entryId)
      : subentryId !== undefined && !entry.subentries.some((one) => one.subentryId === subentryId)
  const [isRemoving, setRemoving] = useState(false)
  const remove = async (): Promise<void> => {
    if (busy) return
    setRemoving(true)
    const isDone =
      subentryId === undefined
        ? await actions.remove({ entryId, title })
        : (await act(() => removed(client.entries.removeSubentry(entryId, subentryId)))) !== null
    if (!isDone) return setRemoving(false)
    if (subentryId !== undefined) close()
    else onClose()
  }
  const close = (): void => {
    toast({ kind: 'done', text: t('toast.removed', { name: title }) })
    onClose()
  }
  useEffect(() => {
    // The answer to the removal may be lost.
    if (isGone && !isRemoving) close()
  }, [isGone, isRemoving])
  return (
    <Stack>
      <Text>{subentryId === undefined ? t('removeText') : t('removeUnderText', { name })}</Text>
      <DialogFoot>
        <Button data-autofocus variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button color="red" onClick={remove}>
          {t('remove')}
        </Button>
      </DialogFoot>
    </Stack>
  )
}
