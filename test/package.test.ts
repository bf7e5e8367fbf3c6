import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { reachedPackages, sourceOf } from './reached-packages.ts'

const root = resolve(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string } | string>
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
  peerDependenciesMeta: Record<string, { optional: boolean }>
}

const allowed: Record<string, readonly string[]> = {
  // Imported with the first webhook.
  '.': ['intl-messageformat', 'jose', 'sorted-btree', 'standardwebhooks', 'xstate', 'zod'],
  './machines': ['xstate'],
  './sqlite': [
    'jose',
    'kysely',
    'kysely/migration',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:path',
    'node:sqlite',
    'node:timers/promises',
    'zod',
  ],
  './pg-boss': ['pg-boss'],
  './telemetry': ['@opentelemetry/api'],
  './postgres': ['kysely', 'kysely/migration', 'node:net', 'node:timers/promises', 'pg'],
  './node': ['ipaddr.js', 'node:dns', 'node:net', 'undici'],
  './http': [
    '@hono/zod-openapi',
    'hono/accepts',
    'hono/body-limit',
    'intl-messageformat',
    'jose',
    'node:crypto',
    'xstate',
    'zod',
  ],
  './http/node': ['@hono/node-server'],
  './page': ['node:fs', 'node:fs/promises', 'node:path'],
  './client': [],
  './react': ['react'],
  './react/mantine': [
    '@cfworker/json-schema',
    '@mantine/core',
    '@mantine/hooks',
    '@rjsf/',
    '@tanstack/react-virtual',
    'intl-messageformat',
    'react',
    'uqr',
  ],
  './oauth': ['jose', 'openid-client', 'zod'],
  './providers': ['openid-client', 'zod'],
  './inspect': ['node:crypto', 'node:events', 'node:http', 'node:net', 'ws', 'xstate'],
  './cli': [],
  './testing': [
    'intl-messageformat',
    'jose',
    'node:assert/strict',
    'sorted-btree',
    'standardwebhooks',
    'xstate',
    'xstate/graph',
    'zod',
  ],
}

describe('package.json', () => {
  const subpaths = Object.entries(manifest.exports).filter(([name]) => name !== './package.json')

  it.each(subpaths)('lists %s by name, and its source exists', (_, target) => {
    expect(existsSync(sourceOf((target as { default: string }).default))).toBe(true)
  })

  it.each(subpaths)('gives %s only the imports that it needs', (name, target) => {
    const reached = [...reachedPackages(sourceOf((target as { default: string }).default))].sort()
    expect(
      reached.filter(
        (found) =>
          !allowed[name]?.some((may) => found === may || (may.endsWith('/') && found.startsWith(may))),
      ),
    ).toEqual([])
  })

  it.each(subpaths)('compiles %s in a consumer', (name) => {
    const consumer = readFileSync(join(root, 'test/consumer/everything.ts'), 'utf8')
    expect(consumer).toContain(`from '${name.replace('.', 'latchkey')}'`)
  })

  it('has three dependencies, two required peers, and otherwise optional peers', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = manifest
    expect(Object.keys(dependencies)).toEqual(['intl-messageformat', 'jose', 'sorted-btree'])
    const required = Object.keys(peerDependencies).filter(
      (name) => peerDependenciesMeta[name]?.optional !== true,
    )
    expect(required).toEqual(['xstate', 'zod'])
  })
})
