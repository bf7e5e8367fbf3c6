import { Alert, Button, Checkbox, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ProblemError, type WebhookEventType } from '../../../src/client/index.ts'
import { useSelected } from '../../../src/react/client-state.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { errorText, isAway } from '../../../src/react/mantine/error-text.ts'
import { useTexts } from '../../../src/react/mantine/use-texts.ts'
import { DialogFoot } from '../dialog.tsx'
import { useLanguage } from '../language.tsx'
import { EVENTS } from './use-webhook-texts.ts'
import type { DialogProps, WebhookFormDialog } from './webhook-dialog.ts'

const MAX_LENGTH = 2_000

/** The least time to read that Latchkey does not respond, in milliseconds. */
const READ = 2_000

/** The form to add or edit a webhook. */
export function WebhookForm(props: DialogProps & WebhookFormDialog) {
  const { webhook, known, texts, onDone, onDialog } = props
  const { t, event: nameOf } = texts
  const { t: page } = useLanguage()
  const { webhooks } = useLatchkey()
  const components = useTexts()
  const [url, setUrl] = useState(webhook?.url ?? '')
  const [events, setEvents] = useState<readonly string[]>(webhook?.events ?? EVENTS)
  const [isSent, setSent] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const sentUrl = useRef('')
  const isClosed = useRef(false)
  const refused = failure instanceof ProblemError && failure.problem.pointers?.includes('/url') === true
  const urlProblem = refused ? 'urlRefused' : isSent ? problemOf(url) : null
  const problem = refused
    ? null
    : isAway(failure)
      ? components.t('unreachable')
      : errorText(components, failure)

  const isOpen = useSelected(({ connection }) => connection === 'open')
  const isSilent = isAway(failure)
  useEffect(() => {
    isClosed.current = false
    return () => {
      isClosed.current = true
    }
  }, [])
  /** Whether an earlier try added the webhook, and only the answer with its secret was lost. Then asks about the secret. */
  const isAdded = async (): Promise<boolean> => {
    const { items } = await webhooks.list()
    const added = items.find((one) => one.url === sentUrl.current && !known.includes(one.webhookId))
    if (added === undefined || isClosed.current) return false
    onDialog({ type: 'rotate', webhookId: added.webhookId, address: added.url, isLost: true })
    return true
  }
  useEffect(() => {
    if (!isOpen || !isSilent) return
    let timer: ReturnType<typeof setTimeout>
    let left = false
    const settle = async (): Promise<void> => {
      // A form that is sent again looks itself.
      if ((webhook === undefined && (await isAdded())) || left) return
      timer = setTimeout(() => setFailure(null), READ)
    }
    void settle().catch(() => {})
    return () => {
      left = true
      clearTimeout(timer)
    }
    // The props are those of the dialog that was opened.
  }, [isOpen, isSilent])

  const submit = async (submitted: FormEvent): Promise<void> => {
    submitted.preventDefault()
    setSent(true)
    if (busy || problemOf(url) !== null || events.length === 0) return
    setBusy(true)
    setFailure(null)
    const change = { url: url.trim(), events: events as readonly WebhookEventType[] }
    try {
      if (webhook !== undefined) onDone(await webhooks.change(webhook.webhookId, change))
      else {
        // The server answers with the normal form of an address.
        const { href } = new URL(change.url)
        if (href === sentUrl.current && ((await isAdded()) || isClosed.current)) return
        sentUrl.current = href
        onDone(await webhooks.add(change))
      }
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          data-autofocus
          label={t('url')}
          description={t('urlHelp')}
          type="url"
          inputMode="url"
          value={url}
          error={urlProblem === null ? null : t(urlProblem)}
          onChange={({ currentTarget }) => {
            setUrl(currentTarget.value)
            setFailure(null)
          }}
        />
        <Checkbox.Group
          label={t('events')}
          value={[...events]}
          onChange={setEvents}
          error={isSent && events.length === 0 ? t('eventsMissing') : null}
        >
          <Stack gap={6} mt={6}>
            {EVENTS.map((type) => (
              <Checkbox key={type} value={type} label={nameOf(type)} />
            ))}
          </Stack>
        </Checkbox.Group>
        {problem !== null && (
          <Alert color={isSilent ? 'orange' : 'red'} role="alert">
            {problem}
          </Alert>
        )}
        <DialogFoot>
          <Button variant="default" onClick={() => onDone(null)}>
            {page('cancel')}
          </Button>
          <Button type="submit" aria-disabled={busy}>
            {webhook === undefined ? t('add') : page('save')}
          </Button>
        </DialogFoot>
      </Stack>
    </form>
  )
}

/** Returns the key of the problem of an address that needs no server to know; null without one. */
function problemOf(text: string): 'urlInvalid' | 'urlLong' | null {
  const url = text.trim()
  if (url.length > MAX_LENGTH) return 'urlLong'
  // Whether plain http is allowed is the decision of the host.
  return /^https?:\/\/./i.test(url) && URL.canParse(url) ? null : 'urlInvalid'
}
