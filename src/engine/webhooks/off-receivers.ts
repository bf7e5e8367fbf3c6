import type { AttentionItem } from '../api/entries.ts'
import type { Core } from '../kernel/core.ts'
import type { Receiver } from './receiver-record.ts'
import { readReceivers } from './receivers.ts'

type Item = Omit<AttentionItem, 'text' | 'language'>

/** Returns the attention items of webhooks that were turned off because their deliveries failed. */
export async function offReceivers({ store }: Core, scope: string): Promise<readonly Item[]> {
  const { items } = await readReceivers(store, scope)
  return items.filter(hasFailed).map(itemOf)
}

const hasFailed = ({ content: { step, reason } }: Receiver): boolean =>
  step === 'off' && reason !== 'turned_off'

/** The title is only the host of the address: its path can be a secret of the receiver. */
const itemOf = ({ scope, id, content: { url, since } }: Receiver): Item => ({
  scope,
  entryId: null,
  webhookId: id,
  title: new URL(url).host,
  reason: 'webhook_off',
  since,
  flowId: null,
})
