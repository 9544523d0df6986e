import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import type { Plugin } from 'vite'

// The catalogue serves the command line and the server too; their words have
// no place in what the browser loads.
function screenWords(): Plugin {
  return {
    name: 'screen-words',
    enforce: 'pre',
    transform(code, id) {
      if (!/internal[\\/]words[\\/][\w-]+\.json$/.test(id)) return null
      const words = Object.entries(JSON.parse(code)).filter(
        ([key]) => !/^(cli|error|notify|phone|query|receipt)\./.test(key),
      )
      return { code: JSON.stringify(Object.fromEntries(words)), map: null }
    },
  }
}

// dist/.keep stays where it is, always: Go embeds the folder and fails to
// build without a file in it. So Vite must not empty it; what an earlier
// build left behind is removed once the new one is written.
function forgetOldAssets(): Plugin {
  return {
    name: 'forget-old-assets',
    async writeBundle(options, bundle) {
      const assets = join(options.dir ?? 'dist', 'assets')
      if (!existsSync(assets)) return
      const old = (await readdir(assets)).filter((name) => !(`assets/${name}` in bundle))
      await Promise.all(old.map((name) => rm(join(assets, name))))
    },
  }
}

export default defineConfig({
  plugins: [screenWords(), svelte(), forgetOldAssets()],
  build: {
    emptyOutDir: false,
    // light-dark(), popover and dialog are used as they are: every engine
    // that shows Bandeja has them.
    target: ['chrome123', 'safari17.5', 'firefox125'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    host: '127.0.0.1',
    fs: { allow: ['.', '../internal/words', '../internal/keys'] },
    proxy: { '/api': process.env['BANDEJA_ORIGIN'] ?? 'http://127.0.0.1:5190' },
  },
  // The state classes are tested as the browser runs them, without a page.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  test: { include: ['src/**/*.test.ts', 'eslint/*.test.js'], environment: 'node' },
})
