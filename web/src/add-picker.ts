import './dialogs.css'

export { AddPicker as default } from '../../src/react/mantine/index.ts'
