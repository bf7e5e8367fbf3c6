import { useEffect } from 'react'
import plain from './icon.svg?no-inline'
import attention from './icon-attention.svg?no-inline'

/** Sets the title of the document, with the number of connections that need attention, and the icon with or without a dot. */
export function useTitle(title: string, count: number): void {
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${title} · Latchkey`
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
    if (link !== null) link.href = count > 0 ? attention : plain
  }, [title, count])
}
