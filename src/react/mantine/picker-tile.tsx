import { Loader } from '@mantine/core'
import type { CSSProperties, ReactNode } from 'react'
import type { IntegrationItem } from '../../client/index.ts'
import { ServiceIcon } from './service-icon.tsx'

/** The content of a tile: picture, name, a line, and a note at its end. */
export function TileContent(props: {
  readonly domain: string
  readonly service: Pick<IntegrationItem, 'title' | 'icon'> | undefined
  readonly name: string
  readonly line: string | undefined
  readonly end: ReactNode
}) {
  const { domain, service, name, line, end } = props
  return (
    <>
      <ServiceIcon domain={domain} service={service?.title ?? name} icon={service?.icon} size={40} />
      <span style={{ flex: 1, minWidth: 0 }}>
        <b title={name}>{name}</b>
        {line !== undefined && line !== '' && <small>{line}</small>}
      </span>
      {end}
    </>
  )
}

/** An integration in the list of the picker. */
export function PickerTile(props: {
  readonly id: string
  readonly item: IntegrationItem
  /** The position among `total`, from 1. */
  readonly position: number
  readonly total: number
  readonly active: boolean
  readonly pending: boolean
  readonly note: string | undefined
  readonly style?: CSSProperties | undefined
  readonly onPick: () => void
}) {
  const { id, item, active, pending, note } = props
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: The field above has the focus and handles the keys.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-setsize={props.total}
      aria-posinset={props.position}
      aria-busy={pending || undefined}
      className="lk-tile"
      style={props.style}
      // The focus stays in the field.
      onMouseDown={(event) => event.preventDefault()}
      onClick={props.onPick}
    >
      <TileContent
        domain={item.domain}
        service={item}
        name={item.title}
        line={item.description}
        end={
          pending ? (
            <Loader size={16} aria-hidden />
          ) : (
            note !== undefined && <span className="lk-tile-note">{note}</span>
          )
        }
      />
    </div>
  )
}
