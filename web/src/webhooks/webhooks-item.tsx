import { Menu } from '@mantine/core'
import { type MouseEvent, useEffect, useState } from 'react'
import { useLatchkey } from '../../../src/react/index.ts'
import { useLanguage } from '../language.tsx'
import { hrefOf, navigate } from '../routes.ts'

/** The item of the menu that opens the page of webhooks. Only users who may see webhooks have it. */
export default function WebhooksItem() {
  const { t } = useLanguage()
  const { webhooks } = useLatchkey()
  const [isAllowed, setAllowed] = useState(false)
  useEffect(() => {
    let left = false
    webhooks.list().then(
      () => !left && setAllowed(true),
      () => {},
    )
    return () => {
      left = true
    }
  }, [webhooks])
  if (!isAllowed) return null
  const open = (event: MouseEvent): void => {
    event.preventDefault()
    navigate({ entryId: null, tab: 'overview', webhooks: true })
  }
  return (
    <>
      <Menu.Item component="a" href={hrefOf({ webhooks: true })} closeMenuOnClick onClick={open}>
        {t('webhooks')}
      </Menu.Item>
      <Menu.Divider />
    </>
  )
}
