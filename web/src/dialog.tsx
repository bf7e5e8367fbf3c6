import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { useReturnFocus } from '../../src/react/mantine/use-return-focus.ts'
import './dialogs.css'
import { useLanguage } from './language.tsx'

/** The buttons of a dialog. On a phone, they are below each other, with the last one on top. */
export const DialogFoot = ({ children }: { readonly children: ReactNode }) => (
  <div className="dialog-foot">{children}</div>
)

/** A dialog of the page. It disappears at once when it closes, and the focus returns to its opener. */
export function Dialog(props: {
  readonly opened: boolean
  readonly onClose: () => void
  readonly title: string
  readonly size?: 'md' | 'lg'
  readonly closeOnClickOutside?: boolean
  readonly children: ReactNode
}) {
  const { t } = useLanguage()
  useReturnFocus(props.opened)
  return (
    <Modal
      {...props}
      padding={24}
      closeButtonProps={{ 'aria-label': t('close'), size: 36, iconSize: 18 }}
      transitionProps={{ exitDuration: 0 }}
    />
  )
}
