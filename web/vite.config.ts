import { join } from 'node:path'
import { defineConfig } from 'vite'

const place = (path: string): string => join(import.meta.dirname, path)

/** Two pages: the whole one, and the one that a repair link opens, which lies one folder deeper. */
export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the page works wherever the handler is mounted.
  base: './',
  build: {
    outDir: place('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: [place('index.html'), place('link.html')],
      onLog(level, log, report) {
        // “use client” means nothing here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log)
      },
    },
  },
})
