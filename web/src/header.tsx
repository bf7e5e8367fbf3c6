import { Group, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { InBar } from './bar.tsx'
import { useLanguage } from './language.tsx'

/** The title of the list. `children` are its buttons. */
export function Header({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage()
  return (
    <InBar>
      <Group className="page-head" justify="space-between" gap="sm">
        <Title order={1} className="page-title" tabIndex={-1}>
          {t('title')}
        </Title>
        {children}
      </Group>
    </InBar>
  )
}
