import '@mantine/core/styles.css'
import { Button, MantineProvider } from '@mantine/core'
import { useState } from 'react'
import { createClient } from '../../src/client/index.ts'
import { LatchkeyProvider, useLatchkey } from '../../src/react/index.ts'
import { AttentionPanel, ConnectionList, FlowDialog } from '../../src/react/mantine/index.ts'

const client = createClient({ url: '/latchkey', token: () => '' }) // '' sends no token: use your cookies

export function Accounts() {
  return (
    <MantineProvider>
      <LatchkeyProvider client={client}>
        <Entries />
      </LatchkeyProvider>
    </MantineProvider>
  )
}

function Entries() {
  const { flows } = useLatchkey()
  const [flowId, setFlowId] = useState<string | null>(null)
  const add = async () => setFlowId((await flows.start({ domain: 'my_hub', source: 'user' })).flowId)
  return (
    <>
      <AttentionPanel onRepair={setFlowId} />
      <ConnectionList onRepair={setFlowId} />
      <Button onClick={add}>Add a hub</Button>
      <FlowDialog flowId={flowId} onClose={() => setFlowId(null)} />
    </>
  )
}
