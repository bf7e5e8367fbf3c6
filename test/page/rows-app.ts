// A list of all entries, with a row for each, that counts how often each renders. Bundled by rows-child.ts.
import { createElement, memo } from 'react'
import { createRoot } from 'react-dom/client'
import { createClient } from '../../src/client/index.ts'
import { LatchkeyProvider, useCounts, useEntry, useEntryIds } from '../../src/react/index.ts'

declare global {
  interface Window {
    renders: Record<string, number>
  }
}

window.renders = {}
const count = (name: string): void => {
  window.renders[name] = (window.renders[name] ?? 0) + 1
}

const Row = memo(({ entryId }: { readonly entryId: string }) => {
  const entry = useEntry(entryId)
  count(entryId)
  return createElement('li', null, entry?.title)
})

function List() {
  const { ids } = useEntryIds({ group: 'service' })
  count('list')
  return createElement(
    'ul',
    null,
    ids.map((entryId) => createElement(Row, { key: entryId, entryId })),
  )
}

function Total() {
  const counts = useCounts()
  count('total')
  return createElement('p', null, `${counts?.all} entries, ${counts?.disabled} disabled`)
}

const client = createClient({ url: location.origin, token: () => location.hash.slice(1) })
const app = createElement(LatchkeyProvider, { client }, createElement(Total), createElement(List))
createRoot(document.body.appendChild(document.createElement('main'))).render(app)
