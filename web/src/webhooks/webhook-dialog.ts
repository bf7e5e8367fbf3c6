import type { WebhookView, WebhookWithSecret } from '../../../src/client/index.ts'
import type { WebhookTexts } from './use-webhook-texts.ts'

/** A dialog about a webhook. A form without a webhook adds one. */
export type WebhookDialog =
  | { readonly type: 'form'; readonly webhook?: WebhookView }
  | ({ readonly type: 'secret' } & WebhookWithSecret)
  | { readonly type: 'log'; readonly webhookId: string; readonly address: string }
  | { readonly type: 'rotate' | 'remove'; readonly webhookId: string; readonly address: string }

/** The props of the content of a dialog. `onDone` receives its result, or null if it was closed. */
export interface DialogProps {
  readonly texts: WebhookTexts
  readonly onDone: (result: WebhookView | WebhookWithSecret | null) => void
}
