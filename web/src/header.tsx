import { Group, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useLanguage } from './language.tsx'

/** The title of the list. `children` are its buttons. */
export function Header({ children }: { readonly children: ReactNode }) {
  const { t } = useLanguage()
  return (
    <Group justify="space-between" gap="sm" mb={20}>
      <Title order={1} className="page-title" tabIndex={-1}>
        {t('title')}
      </Title>
      {children}
    </Group>
  )
}
