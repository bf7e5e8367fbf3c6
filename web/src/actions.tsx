import { Affix, Paper } from '@mantine/core'
import {
  createContext,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react'
import { useLatchkey } from '../../src/react/index.ts'
import { errorText } from '../../src/react/mantine/error-text.ts'
import { useTexts } from '../../src/react/mantine/use-texts.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useLanguage } from './language.tsx'
import { lazily, loadChunks } from './lazily.ts'
import { toast } from './toast.ts'

const Toaster = lazily(() => import('./toaster.tsx'))

/** Runs an action of the user. Resolves with its result, or with null after an error, which a toast shows. */
export type Act = <Result>(work: () => Promise<Result>, toastId?: string) => Promise<Result | null>

const Context = createContext<{ readonly act: Act; readonly busy: boolean } | null>(null)

/** Runs actions, shows a busy indicator while one takes long, and shows errors as toasts. */
export function ActionsProvider({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage()
  const texts = useTexts()
  const { getState } = useLatchkey()
  const [running, setRunning] = useState(0)
  const isIdle = useIdle()
  const act = useCallback<Act>(
    async (work, id) => {
      const failed = (text: string): void =>
        toast({ kind: 'failed', text, close: t('close'), ...(id !== undefined && { id }) })
      if (getState().connection === 'lost') {
        failed(texts.t('notResponding'))
        return null
      }
      setRunning((count) => count + 1)
      try {
        return await work()
      } catch (failure) {
        failed(errorText(texts, failure) ?? texts.t('failed'))
        return null
      } finally {
        setRunning((count) => count - 1)
      }
    },
    [getState, t, texts],
  )
  const busy = running > 0
  const actions = useMemo(() => ({ act, busy }), [act, busy])
  return (
    <Context.Provider value={actions}>
      {children}
      <Affix
        position={{ bottom: 16, left: 16 }}
        zIndex={400}
        maw="calc(100vw - 32px)"
        portalProps={{ target: '#menus' }}
      >
        <Paper px={busy ? 'md' : 0} shadow="md">
          <Working active={busy} text={t('working')} />
        </Paper>
      </Affix>
      {isIdle && (
        <Suspense>
          <Toaster />
        </Suspense>
      )}
    </Context.Provider>
  )
}

/** Whether the first load is over, so that further chunks can load. */
function useIdle(): boolean {
  const [isIdle, setIdle] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => {
      setIdle(true)
      void loadChunks()
    }, 500)
    return () => clearTimeout(timer)
  }, [])
  return isIdle
}

/** Runs actions. `busy` is true while one is running. */
export function useActions(): { readonly act: Act; readonly busy: boolean } {
  const actions = useContext(Context)
  if (actions === null) throw new Error('Put an <ActionsProvider> around the page.')
  return actions
}
