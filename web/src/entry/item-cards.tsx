import { ActionIcon, Button } from '@mantine/core'
import type { EntryView, IntegrationItem } from '../../../src/client/index.ts'
import { useLatchkey } from '../../../src/react/index.ts'
import { Icon } from '../../../src/react/mantine/icon.tsx'
import type { EntryDialog } from '../entry-dialog.ts'
import { useLanguage } from '../language.tsx'
import { useOpenFlow } from '../use-open-flow.ts'

type Kind = IntegrationItem['subentries'][number]

/** A card for each kind of sub-entries, with buttons to add, edit and remove them. */
export function ItemCards(props: {
  readonly entry: EntryView
  readonly types: readonly Kind[]
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, types } = props
  // Sub-entries of a kind that the integration no longer has are still shown.
  const unknown = [...new Set(entry.subentries.map(({ type }) => type))]
    .filter((type) => !types.some((one) => one.type === type))
    .map((type) => ({ type, title: type }))
  return [...types, ...unknown].map((kind) => (
    <ItemCard key={kind.type} {...props} kind={kind} canAdd={!entry.disabled && types.includes(kind)} />
  ))
}

function ItemCard(props: {
  readonly entry: EntryView
  readonly kind: Kind
  readonly canAdd: boolean
  readonly onDialog: (dialog: EntryDialog) => void
}) {
  const { entry, kind, canAdd, onDialog } = props
  const { entryId, title: name, disabled } = entry
  const { type, title: what } = kind
  const { t } = useLanguage()
  const { entries } = useLatchkey()
  const open = useOpenFlow()
  const items = entry.subentries.filter((one) => one.type === type)
  return (
    <section className="card" aria-label={what}>
      <div className="card-head">
        <h2>{what}</h2>
        <span className="muted">{items.length}</span>
        <span className="grow" />
        {canAdd && (
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="add" />}
            aria-label={t('addUnderTo', { name, what })}
            onClick={() => void open(() => entries.addSubentry(entryId, type))}
          >
            {t('addUnder', { what })}
          </Button>
        )}
      </div>
      {items.length > 0 && (
        <ul className="items" aria-label={t('under', { what, name })}>
          {items.map(({ subentryId, title }) => (
            <li key={subentryId}>
              <span>{title}</span>
              {canAdd && (
                <ActionIcon
                  aria-label={t('changeOf', { name: title })}
                  onClick={() => void open(() => entries.changeSubentry(entryId, subentryId))}
                >
                  <Icon name="edit" size={18} />
                </ActionIcon>
              )}
              {!disabled && (
                <ActionIcon
                  aria-label={t('removeOf', { name: title })}
                  onClick={() => onDialog({ type: 'remove', entryId, subentryId, title })}
                >
                  <Icon name="trash" size={18} />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
