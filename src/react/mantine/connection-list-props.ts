import type { ReactNode } from 'react'
import type { EntryView } from '../../client/index.ts'
import type { ConnectionFilter } from './list-tools.tsx'
import type { Texts } from './use-texts.ts'

/** The props of {@link ConnectionList}. */
export interface ConnectionListProps {
  /** Called with the flow that repairs a connection. Without it there are no repair buttons. */
  readonly onRepair?: (flowId: string) => void
  /** Called with the connection that the user opens. */
  readonly onOpen?: (entryId: string) => void
  /** URL of the page of a connection. Defaults to `#` and its id. */
  readonly hrefOf?: (entryId: string) => string
  /** Reconnects or enables a connection. By default, the list does so and shows an error. */
  readonly onAction?: (action: 'reload' | 'enable', entry: EntryView) => void
  /** The menu of a connection. Pass the same function each time: with another one, all rows render again. */
  readonly menu?: (entryId: string) => ReactNode
  /** Set it together with `onFilter` to keep the filter, for example in the URL. */
  readonly filter?: ConnectionFilter
  readonly onFilter?: (filter: ConnectionFilter) => void
  /** The selected connections. Without `onSelect` there are no checkboxes. */
  readonly selected?: ReadonlySet<string>
  readonly onSelect?: (entryId: string) => void
  /** Shown if there are no connections. */
  readonly empty?: ReactNode
  /** Rows of 44 pixels instead of 60. */
  readonly size?: 'xs'
  /** Whether single keys work, such as `/` for the search. Defaults to true. */
  readonly shortcuts?: boolean
  /** Whether the search is shown on a phone. Defaults to true. */
  readonly search?: boolean
  readonly texts?: Partial<Texts>
}
