import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import { catalogue } from './eslint/words.js'
import svelteConfig from './svelte.config.js'

export default ts.config(
  { ignores: ['dist/', 'node_modules/'] },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  {
    files: ['src/**/*.ts', 'src/**/*.svelte'],
    languageOptions: { globals: globals.browser },
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      // Components draw; the state classes ask.
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Only src/api/api.ts asks the server.' }],
      'no-restricted-properties': ['error', { property: 'innerHTML', message: 'Text nodes only.' }],
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.svelte'],
    ignores: ['src/**/*.test.ts', 'src/**/*.sample.ts'],
    plugins: { words: { rules: { catalogue } } },
    rules: { 'words/catalogue': 'error' },
  },
  { files: ['src/api/api.ts'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      // The page's policy has no inline style; style: directives set properties and pass.
      'no-restricted-syntax': [
        'error',
        { selector: 'SvelteAttribute[key.name="style"]', message: 'Use a class, or a style: directive.' },
        { selector: 'SvelteDirective[kind="Transition"]', message: 'Transitions write style elements.' },
      ],
      // Values are replaced whole ($state.raw); collections inside one are plain.
      'svelte/prefer-svelte-reactivity': 'off',
      'max-lines': ['error', { max: 240, skipBlankLines: true }],
    },
  },
  {
    files: ['*.js', '*.ts', 'eslint/*.js', 'tests/**/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
)
