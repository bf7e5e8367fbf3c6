import { Affix, Alert, Paper } from '@mantine/core'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { errorText } from '../../src/react/mantine/error-text.ts'
import { useTexts } from '../../src/react/mantine/use-texts.ts'
import { Working } from '../../src/react/mantine/working.tsx'
import { useLanguage } from './language.tsx'

/** Runs an action of the user. Resolves with its result, or with null after an error, which is shown. */
export type Act = <Result>(work: () => Promise<Result>) => Promise<Result | null>

const Context = createContext<{ readonly act: Act; readonly busy: boolean } | null>(null)

/** Runs actions, shows a busy indicator while one takes long, and shows the last error. */
export function ActionsProvider({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage()
  const texts = useTexts()
  const [running, setRunning] = useState(0)
  const [error, setError] = useState<unknown>(null)
  const act = useCallback<Act>(async (work) => {
    setRunning((count) => count + 1)
    setError(null)
    try {
      return await work()
    } catch (failure) {
      setError(failure)
      return null
    } finally {
      setRunning((count) => count - 1)
    }
  }, [])
  const busy = running > 0
  const actions = useMemo(() => ({ act, busy }), [act, busy])
  const failure = errorText(texts, error)
  return (
    <Context.Provider value={actions}>
      {children}
      <Affix position={{ bottom: 16, right: 16 }} zIndex={400} maw="calc(100vw - 32px)">
        {failure !== null && (
          <Alert
            color="red"
            role="alert"
            withCloseButton
            closeButtonLabel={t('close')}
            onClose={() => setError(null)}
          >
            {failure}
          </Alert>
        )}
        <Paper px={busy ? 'md' : 0} shadow="md">
          <Working active={busy} text={t('working')} />
        </Paper>
      </Affix>
    </Context.Provider>
  )
}

/** Runs actions. `busy` is true while one is running. */
export function useActions(): { readonly act: Act; readonly busy: boolean } {
  const actions = useContext(Context)
  if (actions === null) throw new Error('Put an <ActionsProvider> around the page.')
  return actions
}
