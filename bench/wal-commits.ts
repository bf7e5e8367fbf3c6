import { readFileSync } from 'node:fs'

const HEADER = 32
const FRAME_HEADER = 24

/**
 * Counts the transactions in a write-ahead log. The last frame of each contains the size of the database; in all others
 * it is zero. https://sqlite.org/fileformat2.html#walformat
 */
export function walCommits(database: string): number {
  const log = readFileSync(`${database}-wal`)
  if (log.length < HEADER) return 0
  const page = log.readUInt32BE(8)
  const salt = log.subarray(16, 24)
  let commits = 0
  for (let at = HEADER; at + FRAME_HEADER + page <= log.length; at += FRAME_HEADER + page) {
    // Frames of an earlier generation of the log have a different salt.
    if (!log.subarray(at + 8, at + 16).equals(salt)) break
    if (log.readUInt32BE(at + 4) > 0) commits++
  }
  return commits
}
