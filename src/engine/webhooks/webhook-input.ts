import { isTitle } from '../../authoring/title.ts'
import { InvalidInputError } from '../../errors.ts'
import { WEBHOOK_EVENTS, type WebhookEventType } from '../api/webhooks.ts'

const MAX_TAGS = 10

const isEvent = (event: unknown): event is WebhookEventType => WEBHOOK_EVENTS.some((known) => known === event)

/** Validates the events of a webhook. @throws InvalidInputError */
export function checkEvents(events: unknown): WebhookEventType[] {
  if (Array.isArray(events) && events.length > 0 && events.every(isEvent)) return [...new Set(events)]
  throw new InvalidInputError(`Invalid events. Use at least one of ${WEBHOOK_EVENTS.join(', ')}.`, [
    '/events',
  ])
}

/** Validates the tags of a webhook. @throws InvalidInputError */
export function checkTags(tags: unknown): Record<string, string> {
  const entries =
    typeof tags === 'object' && tags !== null && !Array.isArray(tags) ? Object.entries(tags) : null
  if (entries === null || entries.length > MAX_TAGS)
    throw new InvalidInputError(`Invalid tags. Use an object with at most ${MAX_TAGS} texts.`, ['/tags'])
  for (const [name, value] of entries) {
    if (!/^[\w.-]{1,64}$/.test(name))
      throw new InvalidInputError(
        'Invalid name of a tag. Use 1 to 64 letters, digits, dots, hyphens and underscores.',
        ['/tags'],
      )
    if (!isTitle(value))
      throw new InvalidInputError('Invalid tag. Use a text of 1 to 200 characters in one line.', [
        `/tags/${name}`,
      ])
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
