import './dialogs.css'

export { FlowDialog as default } from '../../src/react/mantine/index.ts'
