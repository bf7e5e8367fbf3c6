import { Button, Group, Title } from '@mantine/core'
import { Suspense } from 'react'
import { Icon } from '../../src/react/mantine/icon.tsx'
import { useLanguage } from './language.tsx'
import { lazily } from './lazily.ts'

const AddMenu = lazily(() => import('./add-menu.tsx'))

/** The title of the page, and the menu to add an entry. */
export function Header({ onFlow }: { readonly onFlow: (flowId: string) => void }) {
  const { t } = useLanguage()
  return (
    <Group justify="space-between" gap="sm" mb={20}>
      <Title order={1} className="page-title" tabIndex={-1}>
        {t('title')}
      </Title>
      <Suspense fallback={<Button leftSection={<Icon name="add" />}>{t('add')}</Button>}>
        <AddMenu onFlow={onFlow} />
      </Suspense>
    </Group>
  )
}
