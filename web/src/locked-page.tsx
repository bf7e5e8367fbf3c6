import { Alert, Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { createClient, ProblemError } from '../../src/client/index.ts'
import type { Callback } from './callback.ts'
import { useLanguage } from './language.tsx'
import { Mark } from './mark.tsx'
import { keepToken, keyIn, serverUrl } from './token.ts'
import { Preferences } from './top-bar.tsx'

/** A field for the address or the key, if the key is missing or no longer valid. */
export function LockedPage(props: {
  readonly reason: 'noToken' | 'expired'
  readonly callback: Callback | null
}) {
  const { reason, callback } = props
  const { t, language } = useLanguage()
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<'wrongKey' | 'refusedKey' | 'lostShort' | null>(null)
  const [isBusy, setBusy] = useState(false)
  const open = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const key = keyIn(typed)
    if (key === null) return setError('wrongKey')
    setBusy(true)
    try {
      await createClient({ url: serverUrl(), token: () => key, language }).integrations.list()
      keepToken(key)
      location.reload()
    } catch (failure) {
      setBusy(false)
      setError(failure instanceof ProblemError ? 'refusedKey' : 'lostShort')
    }
  }
  const [before, after] = t('tokenFile', { command: '\n' }).split('\n')
  return (
    <main className="locked">
      <form className="locked-card" onSubmit={open} noValidate>
        <div className="locked-head">
          <Mark size={40} />
          <Preferences />
        </div>
        <h1>{t(reason)}</h1>
        {callback !== null && (
          <Alert color="orange" role="alert" mb="sm">
            {t('elsewhere')}
          </Alert>
        )}
        <p>{t(`${reason}Text`)}</p>
        <div className="locked-field">
          <TextInput
            label={t('pasteKey')}
            placeholder="http://127.0.0.1:8080/#token=…"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            error={error === null ? undefined : t(error)}
            onChange={({ currentTarget }) => {
              setTyped(currentTarget.value)
              setError(null)
            }}
          />
          <Button type="submit" loading={isBusy}>
            {t('open')}
          </Button>
        </div>
        <p className="locked-note">
          {before}
          <code>latchkey serve --token-file</code>
          {after}
        </p>
        <div id="menus" />
      </form>
    </main>
  )
}
