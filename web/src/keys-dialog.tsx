import { Switch, Table } from '@mantine/core'
import { Dialog } from './dialog.tsx'
import './keys-dialog.css'
import { useLanguage } from './language.tsx'

const keys = [
  ['↑ ↓ j k', 'keyMove'],
  ['Enter', 'keyOpen'],
  ['r', 'keyRepair'],
  ['.', 'keyMenu'],
  ['x', 'keySelect'],
  ['a', 'keyAdd'],
  ['/', 'keySearch'],
  ['?', 'keyHelp'],
] as const

/** Lists the keys of the list, and turns single keys off. */
export default function KeysDialog(props: {
  readonly isOpen: boolean
  readonly isOn: boolean
  readonly onToggle: (isOn: boolean) => void
  readonly onClose: () => void
}) {
  const { t } = useLanguage()
  return (
    <Dialog opened={props.isOpen} onClose={props.onClose} title={t('keys')}>
      <Table>
        <Table.Tbody>
          {keys.map(([key, text]) => (
            <Table.Tr key={key}>
              <Table.Th scope="row">
                <kbd>{key}</kbd>
              </Table.Th>
              <Table.Td>{t(text)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        mt="md"
        label={t('keysOn')}
        description={t('keysText')}
        checked={props.isOn}
        onChange={({ currentTarget }) => props.onToggle(currentTarget.checked)}
      />
    </Dialog>
  )
}
