import { Linter } from 'eslint'
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import { expect, test } from 'vitest'
import { catalogue } from './words.js'

const rules = { plugins: { words: { rules: { catalogue } } }, rules: { 'words/catalogue': 'error' } }
const config = [
  ...svelte.configs.base,
  { files: ['**/*.ts'], languageOptions: { parser: ts.parser } },
  { files: ['**/*.svelte'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { files: ['**/*.ts', '**/*.svelte'], ...rules },
]

/** The sentences that the rule names. */
function found(code, filename = 'src/ui/Planted.svelte') {
  const messages = new Linter({ configType: 'flat' }).verify(code, config, { filename })
  return messages.map(({ ruleId, message }) => (ruleId === 'words/catalogue' ? /“(.*)”/.exec(message)[1] : message))
}

test.each([
  ['<p>Hola</p>', ['Hola']],
  ['<p>{t("a.b")} y ñ</p>', ['y ñ']],
  ['<button aria-label="Cerrar">×</button>', ['Cerrar']],
  ['<button title="Cerrar {name}">×</button>', ['Cerrar']],
  ['<input placeholder={"Buscar"} alt={`Foto de ${who}`} />', ['Buscar', 'Foto de']],
  ['<p>{on ? "Sí" : "No"}{name || "nadie"}</p>', ['Sí', 'No', 'nadie']],
  ['<Field label="Nombre" kind="texto" />', ['Nombre']],
  ['{#if on}Encendido{:else}{"apagado"}{/if}', ['Encendido', 'apagado']],
  ['<script lang="ts">\n  toasts.show({ tone: "done", text: () => "Hecho" })\n</script>', ['Hecho']],
])('it finds what is planted in %s', (code, want) => expect(found(code)).toEqual(want))

test.each([
  ['toasts.show({ tone: "failed", text: () => `No: ${why}` })', ['No:']],
  ['document.title = "Bandeja de entrada"', ['Bandeja de entrada']],
  ['new Notification("Un mensaje")', ['Un mensaje']],
  ['confirm("¿Seguro?")', ['¿Seguro?']],
])('and in %s', (code, want) => expect(found(code, 'src/state/planted.ts')).toEqual(want))

test.each([
  '<p class="clip" data-kind="note" id="{id}-x">{t("note.box")} · {count} …</p>',
  '<kbd>Ctrl K</kbd><code>bandeja serve</code><strong>Bandeja</strong>',
  '<button title="Ctrl Enter"></button>',
  '<label for="{id}-name" title={t("a.b")}>{names[each]}</label>',
  '<p class={on ? "yes" : "no"} style:color={bad ? "red" : "green"}>{words.n(3)}%</p>',
  '<style>p { color: red }</style><script lang="ts">\n  go({ page: "inbox" })\n</script>',
])('it lets %s be', (code) => expect(found(code)).toEqual([]))
