import { useState } from 'react'
import { useSelected } from '../../../src/react/client-state.ts'
import LiveChart from '../live-chart.tsx'
import { navigate, useRoute } from '../routes.ts'
import { useServices } from './example.ts'
import './example.css'

/** The live statechart below the list of the example. Renders nothing on other servers. */
export default function ExampleChart() {
  const services = useServices()
  const { flowId } = useRoute()
  const hasEntries = useSelected(({ entries }) => entries.size > 0)
  const [charted, setCharted] = useState<string | null>(null)
  if (services === null || (!hasEntries && flowId === null)) return null
  return (
    <div className="example-chart">
      <LiveChart
        dialogFlow={flowId}
        charted={charted}
        onChart={setCharted}
        onOpen={(entryId) => navigate({ entryId, tab: 'developer' })}
      />
    </div>
  )
}
