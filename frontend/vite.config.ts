import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
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
        ([key]) => !/^(cli|error|native|notify|phone|query|receipt|transcript)\./.test(key),
      )
      return { code: JSON.stringify(Object.fromEntries(words)), map: null }
    },
  }
}

// The icons of the package put themselves together when they are drawn, element
// by element and attribute by attribute: a third of what drawing the screen
// took. Here each becomes the markup that it is, and takes the props that ours
// are given: size, strokeWidth and class. All are there for the eye alone.
function staticIcons(): Plugin {
  return {
    name: 'static-icons',
    enforce: 'pre',
    transform(code, id) {
      if (!/@lucide[\\/]svelte[\\/]dist[\\/]icons[\\/][\w-]+\.svelte$/.test(id)) return null
      const found = /const iconData = (\{.*\});/.exec(code)?.[1]
      if (!found) throw new Error(`${id} is no icon as staticIcons knows them`)
      const { node } = JSON.parse(found) as { node: [tag: string, attributes: Record<string, string>][] }
      const drawn = node.map(([tag, attributes]) => {
        const all = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`)
        return `<${tag} ${all.join(' ')} />`
      })
      return {
        code: `<script>let { size = 24, strokeWidth = 2, class: name } = $props()</script>
          <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width={strokeWidth}
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" class={name}>${drawn.join('')}</svg>`,
        map: null,
      }
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

// The page's first code asks the server and then imports the screen's. The page
// names that too, so that both are on their way at once.
function preloadScreen(): Plugin {
  return {
    name: 'preload-screen',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const screen = Object.values(bundle ?? {}).find((each) => each.type === 'chunk' && each.name === 'screen')
        if (screen?.type !== 'chunk') return html
        const link = (rel: string, file: string) => ({
          tag: 'link',
          attrs: { rel, crossorigin: true, href: `/${file}` },
          injectTo: 'head' as const,
        })
        const code = [screen.fileName, ...screen.imports].filter((file) => !html.includes(file))
        const styles = [...(screen.viteMetadata?.importedCss ?? [])]
        return [...code.map((file) => link('modulepreload', file)), ...styles.map((file) => link('stylesheet', file))]
      },
    },
  }
}

// The names of the packages whose code is in the page, for the list of what a
// release contains and the licences that go with it. It is not served.
function nameBundled(): Plugin {
  return {
    name: 'name-bundled',
    async writeBundle(_, bundle) {
      const names = new Set<string>()
      for (const each of Object.values(bundle)) {
        if (each.type !== 'chunk') continue
        for (const id of each.moduleIds) {
          const name = /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)(?!.*node_modules)/.exec(id)?.[1]
          if (name) names.add(name.replaceAll('\\', '/'))
        }
      }
      await writeFile(new URL('bundled.json', import.meta.url), `${JSON.stringify([...names].sort(), null, 2)}\n`)
    },
  }
}

export default defineConfig({
  plugins: [screenWords(), staticIcons(), svelte(), forgetOldAssets(), nameBundled(), preloadScreen()],
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
