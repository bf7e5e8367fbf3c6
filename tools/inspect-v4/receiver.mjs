/**
 * The receiver of @xstate/inspect, on XState 4, connected to the server that it is told of. It prints a line of JSON for
 * each message: what was parsed of it, and whether XState 4 itself can do something with that.
 *
 * The address and the subprotocols come in the environment (INSPECT_SERVER, INSPECT_PROTOCOLS): an argument is seen by
 * everybody on the machine.
 */
const { INSPECT_SERVER = '', INSPECT_PROTOCOLS = '' } = process.env
const Plain = globalThis.WebSocket
globalThis.WebSocket = class extends Plain {
  constructor(url) {
    super(url, INSPECT_PROTOCOLS.split(' '))
  }
}
const { createWebSocketReceiver } = await import('@xstate/inspect')
const { State } = await import('xstate')

const machines = new Map()
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

/** A state as the machine that was parsed of the registration understands it. */
function read(sessionId, state) {
  const resolved = machines.get(sessionId)?.resolveState(state)
  return {
    value: state.value,
    context: state.context,
    tags: [...state.tags],
    isState: state instanceof State,
    resolved: resolved?.value ?? null,
    next: resolved?.nextEvents ?? [],
  }
}

const receiver = createWebSocketReceiver({ server: INSPECT_SERVER })
receiver.subscribe({
  next: (message) => {
    const { type, sessionId } = message
    if (type === 'service.register') {
      const { id, machine, state, parent } = message
      machines.set(sessionId, machine)
      const shown = { machine: machine.id, states: Object.keys(machine.states), parent }
      print({ type, sessionId, id, ...shown, ...read(sessionId, state) })
    } else if (type === 'service.state') print({ type, sessionId, ...read(sessionId, message.state) })
    else if (type === 'service.event') print({ type, sessionId, event: message.event.name })
    else print({ type, sessionId })
  },
  error: () => process.exit(1),
  complete: () => {},
})
