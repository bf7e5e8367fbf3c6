/** At most this many ids lie in one piece, so that adding one moves little memory. */
const pieceSize = 512

/**
 * A set of ids that gives pages in order. Until the first page is asked for it sorts nothing; from then on it
 * keeps short sorted pieces, so that neither a write nor a page costs more where there are many.
 */
export class SortedIds {
  #unsorted: Set<string> | undefined = new Set()
  #pieces: string[][] = []

  add(id: string): void {
    if (this.#unsorted) {
      this.#unsorted.add(id)
      return
    }
    const at = Math.min(this.#pieceOf(id), Math.max(0, this.#pieces.length - 1))
    const piece = this.#pieces[at]
    if (piece === undefined) {
      this.#pieces.push([id])
      return
    }
    const place = lowerBound(piece, id)
    if (piece[place] === id) return
    piece.splice(place, 0, id)
    if (piece.length > pieceSize) this.#pieces.splice(at + 1, 0, piece.splice(pieceSize / 2))
  }

  delete(id: string): void {
    if (this.#unsorted) {
      this.#unsorted.delete(id)
      return
    }
    const at = this.#pieceOf(id)
    const piece = this.#pieces[at]
    if (piece === undefined) return
    const place = lowerBound(piece, id)
    if (piece[place] !== id) return
    piece.splice(place, 1)
    if (piece.length === 0) this.#pieces.splice(at, 1)
  }

  /** The first `count` ids that follow `after`. */
  page(after: string | undefined, count: number): string[] {
    this.#sort()
    const found: string[] = []
    let at = after === undefined ? 0 : this.#pieceOf(after)
    for (; at < this.#pieces.length && found.length < count; at++) {
      const piece = this.#pieces[at] ?? []
      let place = after === undefined ? 0 : lowerBound(piece, after)
      if (piece[place] === after) place++
      for (const id of piece.slice(place, place + count - found.length)) found.push(id)
    }
    return found
  }

  #sort(): void {
    if (this.#unsorted === undefined) return
    const ids = [...this.#unsorted].sort()
    this.#unsorted = undefined
    for (let from = 0; from < ids.length; from += pieceSize / 2) {
      this.#pieces.push(ids.slice(from, from + pieceSize / 2))
    }
  }

  /** The first piece whose last id is not below `id`; past the end where none is. */
  #pieceOf(id: string): number {
    let low = 0
    let high = this.#pieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const last = this.#pieces[middle]?.at(-1)
      if (last !== undefined && last < id) low = middle + 1
      else high = middle
    }
    return low
  }
}

function lowerBound(ids: readonly string[], id: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const candidate = ids[middle]
    if (candidate !== undefined && candidate < id) low = middle + 1
    else high = middle
  }
  return low
}
