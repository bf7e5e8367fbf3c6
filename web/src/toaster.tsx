import { Button, Group, Loader } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import {
  type NotificationData,
  Notifications,
  notifications,
  notificationsStore,
} from '@mantine/notifications'
import { useEffect, useSyncExternalStore } from 'react'
import { Icon } from '../../src/react/mantine/icon.tsx'
import './toaster.css'

/** A short message about the result of an action. */
export interface Toast {
  /** A toast with the same id is replaced. */
  readonly id?: string
  readonly kind: 'done' | 'working' | 'failed'
  readonly text: string
  /** A button, such as “Undo”. */
  readonly action?: { readonly label: string; run(): void } | undefined
  /** The name of the button that closes a failure. */
  readonly close?: string | undefined
}

/** The time that a toast is shown, in milliseconds. A failure stays until the user closes it. */
const SHOWN = 6000

let count = 0
let announced = ''
const listeners = new Set<() => void>()

/** Shows a toast, or replaces the one with the same id. */
export function show({ id = `toast-${++count}`, kind, text, action, close }: Toast): void {
  if (kind !== 'failed') announce(text)
  const press = (): void => {
    notifications.hide(id)
    action?.run()
  }
  const data: NotificationData = {
    id,
    'data-kind': kind,
    // Screen readers hear the others from the region in `Toaster`, which is always present.
    role: kind === 'failed' ? 'alert' : 'group',
    'aria-label': text,
    icon:
      kind === 'working' ? (
        <Loader size={16} />
      ) : (
        <Icon name={kind === 'done' ? 'check' : 'close'} size={13} />
      ),
    color: kind === 'failed' ? 'red' : 'green',
    autoClose: kind === 'done' ? SHOWN : false,
    withCloseButton: kind === 'failed',
    closeButtonProps: { 'aria-label': close },
    message: (
      <Group gap="sm" wrap="nowrap" justify="space-between">
        <span className="toast-text">{text}</span>
        {action !== undefined && (
          <Button size="compact-sm" variant="subtle" flex="none" onClick={press}>
            {action.label}
          </Button>
        )}
      </Group>
    ),
  }
  const { notifications: shown, queue } = notificationsStore.getState()
  if ([...shown, ...queue].some((one) => one.id === id)) notifications.update(data)
  else notifications.show(data)
}

/** Closes a toast. */
export const hide = (id: string): void => void notifications.hide(id)

function announce(text: string): void {
  announced = text
  for (const listener of [...listeners]) listener()
}

function listen(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The place of the toasts, and the region that announces them. */
export default function Toaster() {
  const isPhone = useMediaQuery('(max-width: 47.99em)')
  const text = useSyncExternalStore(listen, () => announced)
  useEffect(() => {
    const closeNewest = ({ key, defaultPrevented }: KeyboardEvent): void => {
      const newest = notificationsStore.getState().notifications.at(-1)?.id
      if (key === 'Escape' && !defaultPrevented && newest !== undefined) notifications.hide(newest)
    }
    document.addEventListener('keydown', closeNewest)
    return () => document.removeEventListener('keydown', closeNewest)
  }, [])
  return (
    <>
      <div className="toast-status" role="status">
        {text}
      </div>
      <Notifications
        position={isPhone ? 'top-center' : 'bottom-right'}
        limit={3}
        containerWidth={372}
        portalProps={{ target: '#menus' }}
      />
    </>
  )
}
