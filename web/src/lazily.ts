import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

/** The delay before a chunk that did not load is requested again, in milliseconds. */
const AGAIN = 1000

const chunks: (() => Promise<unknown>)[] = []

/** A component whose chunk loads when it is rendered, or before that when the page is idle. */
export function lazily<Props extends object>(
  load: () => Promise<{ readonly default: ComponentType<Props> }>,
): LazyExoticComponent<ComponentType<Props>> {
  const chunk = (): ReturnType<typeof load> => retried(load)
  chunks.push(chunk)
  return lazy(chunk)
}

/** Loads a chunk, and requests it again until it has loaded. */
export const retried = <Chunk>(load: () => Promise<Chunk>): Promise<Chunk> =>
  load().catch(async () => {
    await new Promise((resolve) => setTimeout(resolve, AGAIN))
    return retried(load)
  })

/** Loads the chunks that the page may need, one after another. */
export async function loadChunks(): Promise<void> {
  for (const chunk of chunks.splice(0)) await chunk()
}
