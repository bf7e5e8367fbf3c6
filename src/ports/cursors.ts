/**
 * Named positions that all processes share, for work that only one process does: it reads the rows after the
 * position, and moves it.
 */
export interface Cursors {
  /** Returns a position; null before it was first moved. */
  get(name: string): Promise<number | null>
  /** Moves a position if it is `from`. Returns whether it was. */
  move(name: string, from: number | null, to: number): Promise<boolean>
}
