import type { WebhookView, WebhookWithSecret } from '../../../src/client/index.ts'
import type { WebhookTexts } from './use-webhook-texts.ts'

/** The form of a webhook, or of a new one. */
export interface WebhookFormDialog {
  readonly webhook?: WebhookView
  /** The ids of the webhooks from before. */
  readonly known: readonly string[]
}

/** A question about a webhook. */
export interface WebhookQuestion {
  readonly webhookId: string
  readonly address: string
  /** Whether the webhook was added, and the answer with its secret was lost. */
  readonly isLost?: boolean
}

/** A dialog about a webhook. A form without a webhook adds one. */
export type WebhookDialog =
  | ({ readonly type: 'form' } & WebhookFormDialog)
  | ({ readonly type: 'secret' } & WebhookWithSecret)
  | { readonly type: 'log'; readonly webhookId: string; readonly address: string }
  | ({ readonly type: 'rotate' | 'remove' } & WebhookQuestion)

/** The props of the content of a dialog. `onDone` receives its result, or null if it was closed. */
export interface DialogProps {
  readonly texts: WebhookTexts
  readonly onDone: (result: WebhookView | WebhookWithSecret | null) => void
  /** Opens another dialog. */
  readonly onDialog: (dialog: WebhookDialog) => void
}
