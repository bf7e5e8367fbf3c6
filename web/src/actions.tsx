import { Affix, Paper } from '@mantine/core'
import {
  createContext,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { LatchkeyClient } from '../../src/client/index.ts'
import { useSelected } from '../../src/react/client-state.ts'
import { useLatchkey } from '../../src/react/index.ts'
import { errorText, isAway } from '../../src/react/mantine/error-text.ts'
import { useTexts } from '../../src/react/mantine/use-texts.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useLanguage } from './language.tsx'
import { lazily, loadChunks } from './lazily.ts'
import { hideToast, toast } from './toast.ts'

/** The toast of an action without an answer. It closes when the server responds again. */
const AWAY = 'away'

const Toaster = lazily(() => import('./toaster.tsx'))

/** Runs an action of the user. Resolves with its result, or with null after an error, which a toast shows. */
export type Act = <Result>(work: () => Promise<Result>, toastId?: string) => Promise<Result | null>

const Context = createContext<{ readonly act: Act; readonly busy: boolean } | null>(null)

/** Runs actions, shows a busy indicator while one takes long, and shows errors as toasts. */
export function ActionsProvider({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage()
  const texts = useTexts()
  const client = useLatchkey()
  const [running, setRunning] = useState(0)
  const isIdle = useIdle()
  const isOpen = useSelected(({ connection }) => connection === 'open')
  useEffect(() => {
    if (isOpen && isIdle) hideToast(AWAY)
  }, [isOpen, isIdle])
  const isAwayShown = useRef(false)
  const act = useCallback<Act>(
    async (work, id) => {
      const failed = (text: string, toastId = id): void =>
        toast({
          kind: 'failed',
          text,
          close: t('close'),
          ...(toastId !== undefined && { id: toastId }),
        })
      const away = (text = texts.t('notResponding')): null => {
        // This toast reports that the work is running.
        if (id !== undefined) hideToast(id)
        failed(text, AWAY)
        isAwayShown.current = true
        return null
      }
      /** Notes that the server responds: the event stream may not have been lost. */
      const answered = (): void => {
        if (isAwayShown.current) hideToast(AWAY)
        isAwayShown.current = false
      }
      setRunning((count) => count + 1)
      try {
        if (!(await isBack(client))) return away()
        const result = await work()
        answered()
        return result
      } catch (failure) {
        if (isAway(failure)) return away(errorText(texts, failure) ?? undefined)
        answered()
        failed(errorText(texts, failure) ?? texts.t('failed'))
        return null
      } finally {
        setRunning((count) => count - 1)
      }
    },
    [client, t, texts],
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

/** The time for a new try to connect, in milliseconds. */
const RETRY = 1_000

/** Whether Latchkey responds. After a loss it connects at once: the next try may be half a minute away. */
function isBack({ getState, reconnect, subscribe }: LatchkeyClient): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const isLost = () => getState().connection === 'lost'
  if (!isLost()) return Promise.resolve(true)
  const timer = setTimeout(() => resolve(false), RETRY)
  const leave = subscribe(() => !isLost() && resolve(true))
  reconnect()
  return promise.finally(() => {
    clearTimeout(timer)
    leave()
  })
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
