import { useMemo } from 'react'
import type { WebhookAttempt, WebhookDelivery, WebhookEventType } from '../../../src/client/index.ts'
import { cataloguesOf } from '../../../src/texts/catalogue.ts'
import type { Values } from '../../../src/texts/message.ts'
import { Translator } from '../../../src/texts/translator.ts'
import { useLanguage } from '../language.tsx'
import { webhookTexts } from '../page-texts.ts'
import { en } from './texts.ts'

type Key = keyof typeof en

/** The texts of the page of webhooks in the chosen language. */
export interface WebhookTexts {
  t(key: Key, values?: Values): string
  /** The name of an event. */
  event(type: WebhookDelivery['type']): string
  /** The result of an attempt. */
  result(attempt: Pick<WebhookAttempt, 'status' | 'code'>): string
  time(at: number): string
}

const english = cataloguesOf({ en })

const eventKeys = {
  'entry.added': 'event_added',
  'entry.removed': 'event_removed',
  'entry.reauth_required': 'event_reauth_required',
  'entry.repaired': 'event_repaired',
  'entry.expiring': 'event_expiring',
  'webhook.test': 'event_test',
} as const satisfies Readonly<Record<WebhookDelivery['type'], Key>>

/** The events that a webhook can receive. */
export const EVENTS = Object.keys(eventKeys).filter(
  (type): type is WebhookEventType => type !== 'webhook.test',
)

const isAccepted = (status: number): boolean => status >= 200 && status < 300

/** Returns the texts in the language of the page. */
export function useWebhookTexts(): WebhookTexts {
  const { language, time } = useLanguage()
  return useMemo(() => {
    const translator = Translator.for(language, [webhookTexts, english])
    const t = (key: Key, values?: Values): string => translator.text([key], values)
    return {
      t,
      time,
      event: (type) => t(eventKeys[type]),
      result({ status, code }) {
        if (status !== null) return t(isAccepted(status) ? 'accepted' : 'refused', { status })
        return translator.find([String(code)]) ?? String(code)
      },
    }
  }, [language, time])
}
