import { useMemo } from 'react'
import type { EntryView } from '../../src/client/index.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { agesOf } from '../../src/react/mantine/ages.ts'
import { useActions } from './actions.tsx'
import { useLanguage } from './language.tsx'
import { removed } from './removed.ts'
import { toast } from './toast.ts'

/** The actions of an entry that open no dialog. Each ends with one toast. */
export interface EntryActions {
  reload(entry: EntryView): Promise<void>
  /** Connects with the credential that the service has rejected. */
  retry(entry: EntryView): Promise<void>
  enable(entry: EntryView): Promise<void>
  disable(entry: EntryView): Promise<void>
  /** Releases a connection that did not close. */
  release(entry: EntryView): Promise<void>
  /** Resolves with whether the entry has the new name. */
  rename(entry: Pick<EntryView, 'entryId' | 'title'>, title: string): Promise<boolean>
  /** Resolves with whether the entry was removed. */
  remove(entry: Pick<EntryView, 'entryId' | 'title'>): Promise<boolean>
}

export function useEntryActions(): EntryActions {
  const { entries } = useLatchkey()
  const { act } = useActions()
  const { t, language } = useLanguage()
  return useMemo(() => {
    const undo = (run: () => void) => ({ label: t('undo'), run })
    const connected = (id: string, entry: EntryView): void => {
      const { title: name, state, service = entry.domain, retryAt } = entry
      const when = retryAt === undefined ? null : agesOf(language).relative(retryAt, Date.now())
      const close = t('close')
      if (state === 'loaded') toast({ id, kind: 'done', text: t('toast.reloaded', { name }) })
      else if (state === 'reauth_required')
        toast({ id, kind: 'failed', text: t('toast.stillRefused', { service }), close })
      else if (when !== null) toast({ id, kind: 'failed', text: t('toast.saved', { name, when }), close })
      else toast({ id, kind: 'failed', text: t('toast.notConnected', { name, state: entry.text }), close })
    }
    const connect = async (
      { entryId, title: name }: EntryView,
      call: () => Promise<EntryView>,
    ): Promise<void> => {
      const id = `connect-${entryId}`
      toast({ id, kind: 'working', text: t('toast.reloading', { name }) })
      const entry = await act(call, id)
      if (entry !== null) connected(id, entry)
    }
    const actions: EntryActions = {
      reload: (entry) => connect(entry, () => entries.reload(entry.entryId)),
      retry: (entry) => connect(entry, () => entries.reload(entry.entryId, { retryRejected: true })),
      enable: async ({ entryId, title: name }) => {
        if ((await act(() => entries.enable(entryId))) !== null)
          toast({ kind: 'done', text: t('toast.enabled', { name }) })
      },
      disable: async (entry) => {
        const { entryId, title: name } = entry
        if ((await act(() => entries.disable(entryId))) === null) return
        const action = undo(() => void actions.enable(entry))
        toast({ kind: 'done', text: t('toast.disabled', { name }), action })
      },
      release: async ({ entryId, title: name }) => {
        if ((await act(() => entries.unload(entryId, { force: true }))) !== null)
          toast({ kind: 'done', text: t('toast.released', { name }) })
      },
      rename: async ({ entryId, title: before }, name) => {
        const entry = await act(() => entries.rename(entryId, name))
        if (entry === null) return false
        const action = entry.title === before ? undefined : undo(() => void actions.rename(entry, before))
        const text = action === undefined ? t('toast.unchanged') : t('toast.renamed', { name: entry.title })
        toast({ kind: 'done', text, action })
        return true
      },
      remove: async ({ entryId, title: name }) => {
        if ((await act(() => removed(entries.remove(entryId)))) === null) return false
        toast({ kind: 'done', text: t('toast.removed', { name }) })
        return true
      },
    }
    return actions
  }, [entries, act, t, language])
}
